#include "domain/prompt/section.hpp"

#include "domain/text/utf8.hpp"

#include <limits>

namespace persona_runtime {
namespace {

std::uint32_t counted(const text_counter& count, const std::string& text) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const auto tokens = count(text);
  return tokens < most ? static_cast<std::uint32_t>(tokens) : most;
}

template <class Section>
Section filled(std::string text, const text_counter& count) {
  auto out = Section{};
  const auto shown = stripped(text);
  if (shown.empty())
    return out;
  text.erase(0, static_cast<std::size_t>(shown.data() - text.data()));
  out.with_gap = counted(count, text + std::string{section_gap});
  out.text = shared_text{std::move(text)};
  return out;
}

}  // namespace

prompt_section make_section(std::string text, const text_counter& count) {
  return filled<prompt_section>(std::move(text), count);
}

prompt_opening make_opening(std::string text, const text_counter& count) {
  auto out = filled<prompt_opening>(std::move(text), count);
  out.with_role = counted(count, "system: " + out.text.str() + std::string{section_gap});
  return out;
}

prompt_ending make_ending(std::string text, const text_counter& count) {
  auto out = filled<prompt_ending>(std::move(text), count);
  out.alone = counted(count, out.text.str());
  out.with_line = counted(count, out.text.str() + '\n');
  return out;
}

}  // namespace persona_runtime
