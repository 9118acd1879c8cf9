#pragma once
// Errors as OpenAI's clients read them, on the routes that speak their language.

#include "api/http/http_answer.hpp"
#include "domain/conversation/completion.hpp"

#include <string>
#include <string_view>

namespace persona_runtime::api {

/// What is wrong with a request. It is answered with 400.
struct openai_problem {
  std::string message;
  std::string param{};         // the field; empty: none
  std::string_view code = "";  // a fixed word; empty: null
  friend bool operator==(const openai_problem&, const openai_problem&) = default;
};

/// {"error": {"message", "type", "param", "code"}}
[[nodiscard]] std::string openai_error_json(std::string_view message, std::string_view type,
                                            std::string_view param, std::string_view code);

[[nodiscard]] http_answer openai_answer(const openai_problem& problem);

/// An answer of error_answer in OpenAI's form, with the status and the code that its clients
/// expect: 401 invalid_api_key, 404 model_not_found, 400 for what is 422 elsewhere, 429, 5xx.
/// Headers stay. What is no such answer stays as it is.
[[nodiscard]] http_answer in_openai_form(http_answer ours);

/// A completion that ended with an error.
struct openai_failure {
  unsigned status = 500;
  std::string json;        // {"error": …}
  bool may_retry = false;  // else the client is told not to: every try costs model calls
};
[[nodiscard]] openai_failure openai_failure_of(const completion_end& end);

}  // namespace persona_runtime::api
