#pragma once
// What an HTTP outcome means for a model call (spec routing §4.4, INTENT column). For every
// provider that speaks HTTP.

#include "domain/tier/model_error.hpp"
#include "providers/http/http_client.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// What an endpoint says of a failure, in its own words; all may be empty.
struct error_words {
  int status = 0;       // of the answer, or a number that an error object in a stream carries
  std::string code;     // "insufficient_quota", "invalid_api_key", …
  std::string type;     // "server_error", …
  std::string param;    // which field it did not like
  std::string message;  // looked at, never repeated: it may quote the prompt or the key
};

/// The class, status and reason. `detail` names provider, status and the tokens of `words` that
/// are plain identifiers. A status of 0 with no code that says more is a broken stream.
[[nodiscard]] model_error provider_error_of(std::string_view provider, std::string_view model,
                                            const error_words& words);

/// Adds Retry-After as it was sent and the endpoint's request id.
void add_headers(model_error& error, const http_response_head& head);

[[nodiscard]] model_error connection_error_of(std::string_view provider, const http_error& error);

/// An answer that cannot be what it should: retried once (contract §6 "Broken streams").
[[nodiscard]] model_error broken_stream(std::string_view provider, std::string_view why);

}  // namespace persona_runtime
