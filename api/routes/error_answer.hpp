#pragma once
// Failures as HTTP answers: one place, total.

#include "api/http/http_answer.hpp"
#include "domain/failure.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::api {

/// The status of a failure: 422 for validation_error, 503 for overloaded, …
[[nodiscard]] unsigned http_status_of(errc code);

/// What an error is about, for programs: run_id, persona_id, a limit. Names are fixed words; values
/// may come from the client and are cut at 256 bytes.
using error_context = std::vector<std::pair<std::string_view, std::string>>;

/// {"error": token, "detail": …, "context": {…}}. A validation_error whose detail begins with '['
/// has it sent as the JSON list that it is, and is sent as schema_version_mismatch when the only
/// problem is a schema version that is not known; its context gains what the first problem says of
/// its place: field, path and line. What went wrong inside is not told: an internal_error has a
/// fixed text. Retry-After stands where waiting helps.
[[nodiscard]] http_answer error_answer(const failure& f, error_context about = {});

/// For what has no errc: the edge's own refusals.
[[nodiscard]] http_answer error_answer(unsigned status, std::string_view token,
                                       std::string_view detail, const error_context& about = {});

/// `text` as a JSON string with its quotes; bytes that are no UTF-8 become '?'.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace persona_runtime::api
