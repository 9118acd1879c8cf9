#pragma once
// The tool `use_skill`: it says which skill is wanted. Whether it becomes active is decided
// afterwards (activation.hpp); both are the same for chats and runs.

#include "domain/run/message.hpp"
#include "domain/skill/skill.hpp"
#include "domain/tool/definition.hpp"

#include <string_view>

namespace persona_runtime {

inline constexpr std::string_view use_skill_name = "use_skill";

/// Offered with at least one skill, never without. Read-only; nobody starts a body for it.
[[nodiscard]] tool_definition use_skill_definition();

struct skill_request {
  tool_result answer;  // for the model: an error when `wanted` is null
  skill_ptr wanted;
  std::string parameters;  // text of a JSON object; empty: none were given
};

/// Answers a call. `arguments` is the text of a JSON object of at most 64 KiB; more is an error
/// result. Parameters are mended (a text where an object is taken becomes {"content": text}) and
/// checked; all problems are listed, "path: problem" joined by "; ".
[[nodiscard]] skill_request read_skill_request(std::string_view arguments,
                                               const skill_list& skills);

}  // namespace persona_runtime
