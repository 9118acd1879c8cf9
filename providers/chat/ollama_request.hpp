#pragma once
// What an Ollama server is sent (spec routing §9, §12.1).

#include "providers/chat/chat_provider.hpp"

#include <string>

namespace persona_runtime {

struct ollama_target {
  std::string model;         // sent verbatim
  bool native_tools = true;  // false: tools are never sent
  double temperature = 0.0;  // of requests that name none
};

/// The body of POST api/chat, streaming. Tool results are said by the user, by the tool's name;
/// the calls that they answer are not sent.
[[nodiscard]] std::string ollama_request_body(const ollama_target& target,
                                              const chat_request& request);

}  // namespace persona_runtime
