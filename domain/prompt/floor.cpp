#include "domain/prompt/floor.hpp"

#include "domain/prompt/build_prompt.hpp"

namespace persona_runtime {

std::string floor_of(const persona& p, const prompt_texts& texts, std::string_view reply_language) {
  const auto uncounted = [](std::string_view) { return std::size_t{0}; };
  const auto frame = make_frame(p, texts.floor, {reply_language, {}}, uncounted);
  const auto memory =
    make_memory_sections(author_memory(p, run_lines_max), texts.floor, {}, uncounted);
  return build_floor(*frame, memory, {}, make_ending(texts.framing, uncounted))->content.str();
}

}  // namespace persona_runtime
