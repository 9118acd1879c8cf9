#pragma once
// Models behind Anthropic's Messages protocol.

#include "providers/chat/http_chat.hpp"

#include <memory>
#include <string>

namespace persona_runtime {

struct anthropic_options {
  std::string model;         // sent verbatim; not empty
  std::string api_key;       // not empty
  std::string base_url{};    // empty: Anthropic's own; with or without a '/' at its end
  bool native_tools = true;  // false: tools are never sent (they are prompted for instead)
  double temperature = 0.0;  // finite, at least 0
};

/// Always streams; an endpoint that answers with one document is understood too. Errors:
/// authentication when there is no key; provider_error for a base URL or model that cannot be used.
[[nodiscard]] model_result<std::unique_ptr<chat_provider>>
make_anthropic_provider(const anthropic_options& options, chat_surroundings surroundings);

}  // namespace persona_runtime
