#pragma once
// What Anthropic's Messages endpoint is sent (spec routing §8.1, §8.2).

#include "providers/chat/chat_provider.hpp"

#include <string>

namespace persona_runtime {

struct anthropic_target {
  std::string model;         // sent verbatim
  bool native_tools = true;  // false: tools are never sent
  double temperature = 0.0;  // of requests that name none
};

/// The body of POST v1/messages, streaming. System messages, wherever they stand, become the
/// `system` field; what is neither text nor a call stays in the order in which it was said. Tool
/// results that follow each other go in one message, as the endpoint demands. Thinking text of
/// earlier replies is never sent back.
[[nodiscard]] std::string anthropic_request_body(const anthropic_target& target,
                                                 const chat_request& request);

}  // namespace persona_runtime
