#pragma once
// The file that the scripted provider plays: {"script": [reply…], "summaries": [reply…]}.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"
#include "domain/tier/model_error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// One answer to play.
struct scripted_reply {
  std::vector<std::string> reasoning;  // comes first, piece by piece
  std::vector<std::string> deltas;     // then the text, piece by piece
  std::vector<tool_call> calls;
  std::optional<token_usage> usage;    // none: nothing reported, so it is counted
  std::chrono::milliseconds delay{0};  // before the first piece
  std::optional<model_error> error;
  std::optional<std::size_t> error_after;  // pieces before the error; none: at once
};

struct chat_script {
  std::vector<scripted_reply> steps;
  std::vector<scripted_reply> summaries;
};

inline constexpr std::size_t script_bytes_max = 16u << 20;  // of a file, and of all its texts

/// Reads the text of a script. Fields of a reply:
///   content: text | deltas: [text…]; reasoning: [text…]; usage: [prompt, completion] | null
///   (default [10, 5]); delay_ms; cancel (read by other players, no effect here);
///   tool_calls: [{name | name_fragments, args | raw_args | arg_fragments, call_id, truncated}];
///   error: {type, message, context, after}.
/// A text is a string or {prefix, repeat, times, suffix}. Fields beside `script` and `summaries`
/// at the top are left to others. Fails with validation_error that says what is wrong where:
/// "FILE: script[2].usage: …".
[[nodiscard]] result<chat_script> parse_chat_script(std::string_view json, std::string_view file);

}  // namespace persona_runtime
