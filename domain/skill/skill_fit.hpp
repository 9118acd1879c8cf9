#pragma once
// A skill's body within its budget.

#include "domain/prompt/section.hpp"
#include "domain/skill/skill.hpp"

#include <functional>
#include <string>

namespace persona_runtime {

/// Ends a body that was cut. Five tokens.
inline constexpr std::string_view skill_cut_marker = "\n\n[truncated]";

/// Makes a body shorter; empty function: nobody can.
using skill_summariser = std::function<std::string(std::string_view body)>;

/// The body when its stored count is within the budget. Else what the summariser makes of it, cut
/// if that is too long as well; without one, the body cut. A text that is cut is the longest
/// beginning of whole characters that leaves room for the marker, found in O(log n) counts; a
/// budget smaller than the marker gives the marker alone.
[[nodiscard]] fitted_skill fit_skill(const skill& s, std::uint32_t tokens_max,
                                     const text_counter& count,
                                     const skill_summariser& summarise = {});

/// Counts the body and fits it into the skill's own budget: `content_tokens` and `alone`. Done
/// once, when a skill is read, because a long body takes many counts.
void measure(skill& s, const text_counter& count, const skill_summariser& summarise = {});

}  // namespace persona_runtime
