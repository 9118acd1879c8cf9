#include "domain/skill/skill_index.hpp"

namespace persona_runtime {

std::string skill_index_text(const skill_list& skills, std::string_view heading,
                             const std::function<bool(const skill&)>& approved,
                             std::string_view withheld) {
  if (skills.empty())
    return {};
  auto out = std::string{heading} + '\n';
  for (const auto& s : skills) {
    const auto shown = !approved || approved(*s);
    out.append("\n- **").append(s->name).append("**: ");
    out.append(shown ? std::string_view{s->description} : withheld);
    if (shown && !s->when_to_use.empty())
      out.append("\n  Use when: ").append(s->when_to_use);
  }
  return out;
}

}  // namespace persona_runtime
