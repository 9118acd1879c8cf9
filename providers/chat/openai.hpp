#pragma once
// Models behind OpenAI's chat protocol: openai, deepseek, groq, together, nvidia, and whatever
// else speaks it at a base URL of its own.

#include "providers/chat/http_chat.hpp"

#include <memory>
#include <string>

namespace persona_runtime {

struct openai_options {
  std::string provider = "openai";  // a row of provider_row.hpp
  std::string model;                // sent verbatim; not empty
  std::string api_key;
  std::string base_url{};    // empty: the provider's own; with or without a '/' at its end
  std::string extra_body{};  // text of a JSON object, merged into every request; or empty
  bool native_tools = true;  // false: tools are never sent (they are prompted for instead)
  double temperature = 0.0;  // finite, at least 0
};

/// Always streams; an endpoint that answers with one document is understood too. `done` and the
/// sink are called on the client's thread. Errors: authentication when the row needs a key and
/// there is none; provider_error for an unknown provider, a base URL, model or extra_body that
/// cannot be used.
[[nodiscard]] model_result<std::unique_ptr<chat_provider>>
make_openai_provider(const openai_options& options, chat_surroundings surroundings);

}  // namespace persona_runtime
