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
/// results that follow each other go in one message, as the endpoint demands. Thinking that this
/// model signed goes back with the calls that it led to.
///
/// With tools the endpoint is asked to keep what the next call will begin with (at most three
/// marks, of four that it takes): the tools, the system's words when they are long enough, and
/// everything up to the last result.
[[nodiscard]] std::string anthropic_request_body(const anthropic_target& target,
                                                 const chat_request& request);

}  // namespace persona_runtime
