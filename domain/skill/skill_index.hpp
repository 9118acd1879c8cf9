#pragma once
// The list of skills that a model chooses from.

#include "domain/skill/skill.hpp"

#include <functional>
#include <string>

namespace persona_runtime {

/// The heading, a blank line, and per skill "- **name**: description" and, with a hint, a line
/// "  Use when: hint" (spec runtime §7.1). Empty without skills. What a stranger wrote stands in a
/// system message only with consent: a skill for which `approved` says no is listed as `withheld`.
[[nodiscard]] std::string skill_index_text(const skill_list& skills, std::string_view heading,
                                           const std::function<bool(const skill&)>& approved = {},
                                           std::string_view withheld = "(not approved yet)");

}  // namespace persona_runtime
