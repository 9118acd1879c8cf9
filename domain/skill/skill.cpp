#include "domain/skill/skill.hpp"

#include "domain/skill/consent.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {

std::string_view name_of(skill_trust t) {
  constexpr std::array<std::string_view, 4> names{"builtin", "vetted", "community", "third_party"};
  return names.at(static_cast<std::size_t>(t));
}

bool is_trusted(skill_trust t) {
  return t == skill_trust::builtin || t == skill_trust::vetted;
}

skill_ptr find_skill(const skill_list& skills, std::string_view name) {
  const auto found =
    std::ranges::find_if(skills, [&](const skill_ptr& s) { return s->name == name; });
  return found == skills.end() ? nullptr : *found;
}

bool is_approved(const skill& s, const persona_id& persona, const consent_source& consents) {
  return is_trusted(s.trust) || (consents && consents(persona, s.name, s.content_hash));
}

}  // namespace persona_runtime
