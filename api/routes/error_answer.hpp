#pragma once
// Failures as HTTP answers: one place, total.

#include "api/http/http_answer.hpp"
#include "domain/failure.hpp"

#include <string>
#include <string_view>

namespace persona_runtime::api {

/// The status of a failure: 422 for validation_error, 503 for overloaded, …
[[nodiscard]] unsigned http_status_of(errc code);

/// {"error": token, "detail": …}. A validation_error whose detail begins with '[' has it sent as
/// the JSON list that it is. What went wrong inside is not told: an internal_error has a fixed
/// text. Retry-After stands where waiting helps.
[[nodiscard]] http_answer error_answer(const failure& f);

/// For what has no errc: the edge's own refusals.
[[nodiscard]] http_answer error_answer(unsigned status, std::string_view token,
                                       std::string_view detail);

/// `text` as a JSON string with its quotes; bytes that are no UTF-8 become '?'.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace persona_runtime::api
