#pragma once
// The stand-in's next reply, as a pure function of what a model is sent.

#include "providers/chat/chat_provider.hpp"

#include <string>
#include <vector>

namespace persona_runtime::rehearsal {

struct reply {
  std::string text;
  std::vector<tool_call> calls;
};

/// Never fails and keeps nothing: the same request always gives the same reply. In a run the text
/// carries [FINAL] or [ASK_USER] unless there are calls.
[[nodiscard]] reply rehearse(const chat_request& request);

}  // namespace persona_runtime::rehearsal
