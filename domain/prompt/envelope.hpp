#pragma once
// Marks around text that somebody else wrote (skills, memories, a client's own instructions), so
// that a model can tell it from what the runtime and the persona's author say.

#include <string>
#include <string_view>

namespace persona_runtime {

/// `text` between the lines "<<<KIND nonce=NONCE ATTRIBUTES>>>" and "<<<end KIND nonce=NONCE>>>".
/// The nonce is fresh and unknown to whoever wrote the text: 32 hex digits. What looks like such a
/// marker inside the text, wherever it stands, gets a backslash in front; all else stays as it is.
/// So exactly one closing marker carries the nonce, and it is the last line.
[[nodiscard]] std::string in_envelope(std::string_view kind, std::string_view nonce,
                                      std::string_view text, std::string_view attributes = {});

}  // namespace persona_runtime
