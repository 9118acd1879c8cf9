#pragma once
// Models behind an Ollama server.

#include "providers/chat/http_chat.hpp"

#include <memory>
#include <string>

namespace persona_runtime {

struct ollama_options {
  std::string model;         // sent verbatim; not empty
  std::string api_key{};     // empty: none is sent
  std::string base_url{};    // empty: the server on this machine; with or without a '/' at its end
  bool native_tools = true;  // false: tools are never sent (they are prompted for instead)
  double temperature = 0.0;  // finite, at least 0
};

/// Always streams. Errors: provider_error for a base URL or model that cannot be used. Nothing is
/// sent before the first call.
[[nodiscard]] model_result<std::unique_ptr<chat_provider>>
make_ollama_provider(const ollama_options& options, chat_surroundings surroundings);

}  // namespace persona_runtime
