#include "domain/prompt/memory_sections.hpp"

#include "domain/prompt/envelope.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

std::string listed(const std::vector<memory_line>& lines) {
  auto out = std::string{};
  for (const auto& line : lines) {
    out.append(out.empty() ? "- " : "\n- ").append(line.text.view());
    if (!line.tag.empty())
      out.append(" (").append(line.tag).append(")");
  }
  return out;
}

std::string section_text(const std::vector<memory_line>& lines, const std::string& heading,
                         const floor_texts& texts, std::string_view nonce) {
  if (lines.empty())
    return {};
  if (std::ranges::all_of(lines, &memory_line::by_author))
    return heading + '\n' + listed(lines);
  return heading + '\n' + texts.memory_note + '\n' + in_envelope("memory", nonce, listed(lines));
}

}  // namespace

memory_sections make_memory_sections(const retrieved_memory& from, const floor_texts& texts,
                                     std::string_view nonce, const text_counter& count) {
  const auto section = [&](const auto& lines, const std::string& heading) {
    return make_section(section_text(lines, heading, texts, nonce), count);
  };
  return {section(from.self_facts, texts.self_facts), section(from.worldview, texts.worldview),
          section(from.episodic, texts.episodic)};
}

retrieved_memory author_memory(const persona& p, std::size_t lines_max) {
  auto out = retrieved_memory{};
  for (auto i = std::size_t{0}; i < std::min(p.self_facts.size(), lines_max); ++i)
    out.self_facts.push_back({shared_text{p.self_facts[i].fact}, {}, true});
  for (auto i = std::size_t{0}; i < std::min(p.worldview.size(), lines_max); ++i) {
    const auto& claim = p.worldview[i];
    out.worldview.push_back({shared_text{claim.claim}, std::string{name_of(claim.tag)}, true});
  }
  return out;
}

}  // namespace persona_runtime
