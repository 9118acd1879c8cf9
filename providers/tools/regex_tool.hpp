#pragma once
// Patterns in texts, in time that grows with their length only (RE2).

#include "providers/tools/builtin.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace persona_runtime {

struct regex_question {
  std::string pattern;                     // RE2 syntax, at most 1,000 characters
  std::string text;                        // at most 100,000 characters
  std::string operation = "search";        // search, fullmatch, findall, sub
  std::optional<std::string> replacement;  // of sub: \1 to \9 are groups, \0 the match
  bool ignore_case = false;
};

/// The answer, or an error result. Finding nothing is no error. Spans count characters. Returns
/// early with any result once `stop` is set.
///
/// Bounds: compiled pattern 512 KiB; a pattern whose size times the text's is over 200 million
/// steps is refused; 1,000 matches are listed (all are counted, `truncated`); 256 KiB of new text.
[[nodiscard]] tool_result match_regex(const regex_question& question, const std::stop_token& stop);

[[nodiscard]] std::shared_ptr<tool_body> make_regex_match(std::shared_ptr<worker_pool> pool);

}  // namespace persona_runtime
