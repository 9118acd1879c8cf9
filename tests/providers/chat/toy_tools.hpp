#pragma once
// Tools that really compute, small enough for a test. Their answers are worded as the built-in
// tools word theirs.

#include "domain/run/message.hpp"

#include <map>
#include <string>

namespace persona_runtime {

struct toy_answer {
  std::string content;
  bool is_error = false;
};

/// calculator, datetime ("now" is 2026-11-21T12:00:00), file_read, file_write, regex_match
/// (findall of a few patterns, sub of plain text), text_diff (equal or not).
[[nodiscard]] toy_answer toy_tool(const tool_call& call, std::map<std::string, std::string>& files);

}  // namespace persona_runtime
