#pragma once
// Requests as values: bodies and query parameters, checked. Pure.

#include "api/api_settings.hpp"
#include "api/backend.hpp"
#include "api/http/http_request.hpp"
#include "api/http/out_queue.hpp"
#include "api/http/target.hpp"
#include "api/routes/read_query.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::api {

// Each fails with validation_error, its detail a JSON list of all problems.

/// `persona` is the one of the path; none: it stands in the body.
[[nodiscard]] result<run_request> read_run_request(const boost::json::value& body,
                                                   const std::optional<persona_id>& persona,
                                                   const std::optional<std::string>& key,
                                                   const api_limits& limits);

/// ?wait=SECONDS, 0 to 300, fractions allowed. Zero when it is not there.
[[nodiscard]] result<std::chrono::milliseconds> read_wait(const request_target& target);

[[nodiscard]] result<run_query> read_run_query(const request_target& target);

struct run_answer {
  std::string answer;
  std::optional<std::string> question_id;
};
[[nodiscard]] result<run_answer> read_run_answer(const boost::json::value& body);

/// The reason of a cancel; empty when none is given.
[[nodiscard]] result<std::string> read_cancel(const boost::json::value& body);

[[nodiscard]] result<persona_input> read_persona(const boost::json::value& body);

/// {"granted": true, false or null}
[[nodiscard]] result<persona_edit> read_consent(const boost::json::value& body);
[[nodiscard]] result<persona_edit> read_skill_consent(const boost::json::value& body);
/// {"tool_name", "turn_index"?}
[[nodiscard]] result<persona_edit> read_tool_grant(const boost::json::value& body);

/// What a viewer wants. `from` is the first event that it has not seen.
struct events_query {
  event_seq from;
  bool follow = true;  // false: until=now
  stream_format format = stream_format::sse;
};
[[nodiscard]] result<events_query> read_events_query(const request_target& target,
                                                     const http_request& request);

/// Could this be an id of ours? What could not, does not exist: 1 to 128 letters, digits, "_",
/// "-" and ".", not beginning with ".".
[[nodiscard]] bool is_plausible_id(std::string_view id);

}  // namespace persona_runtime::api
