#pragma once
// The end of a run for people: the answer, and what it took.

#include <string>
#include <string_view>

namespace persona_runtime::cli {

/// From RunStatus (contract §4): the answer set apart, the status, steps, model calls, tokens, time
/// and cost, by model when there were several, and a clear word when the answer came from the
/// built-in stand-in (`rehearsal/...`). Without control characters. A text that is no RunStatus
/// gives one line that says so.
[[nodiscard]] std::string summary_lines(std::string_view run_status_json, bool colour = false);

/// The answer alone, set apart; a line that there is none when it is empty.
[[nodiscard]] std::string answer_lines(std::string_view output, bool colour = false);

}  // namespace persona_runtime::cli
