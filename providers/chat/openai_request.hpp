#pragma once
// What an OpenAI-shaped endpoint is sent.

#include "providers/chat/chat_provider.hpp"
#include "providers/chat/provider_row.hpp"

#include <string>
#include <utility>
#include <vector>

namespace persona_runtime {

/// Fields of the operator's own, merged at the top level: name and JSON text. They win.
using extra_fields = std::vector<std::pair<std::string, std::string>>;

struct openai_target {
  const provider_row* row = nullptr;
  std::string model;         // sent verbatim
  bool native_tools = true;  // false: tools are never sent
  double temperature = 0.0;  // of requests that name none
  extra_fields extra;
};

/// The body of POST chat/completions: streaming, with usage. Thinking text of earlier replies is
/// never sent back.
[[nodiscard]] std::string openai_request_body(const openai_target& target,
                                              const chat_request& request);

}  // namespace persona_runtime
