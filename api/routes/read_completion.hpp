#pragma once
// The body of POST /v1/chat/completions as a value, checked. Pure.

#include "api/routes/openai_error.hpp"
#include "domain/conversation/completion.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <variant>

namespace persona_runtime::api {

struct completion_ask {
  completion_request what;
  std::string model;  // as it was written
  bool stream = false;
  bool include_usage = false;
};

/// Bounds, each with an error that names it.
inline constexpr std::size_t completion_messages_max = 2'000;
inline constexpr std::size_t completion_message_bytes_max = 256 << 10;
inline constexpr std::size_t completion_system_bytes_max = 64 << 10;  // of all of them together
inline constexpr std::size_t completion_tools_max = 128;
inline constexpr std::size_t completion_stops_max = 4;
inline constexpr std::size_t completion_stop_bytes_max = 256;

/// A parameter that is not honoured is refused by name, unless it asks for what happens anyway
/// (n: 1, top_p: 1, store: false, …) or is null.
[[nodiscard]] std::variant<completion_ask, openai_problem>
read_completion(const boost::json::value& body);

/// {"messages": …} alone: checks the order of roles, calls and their results. Empty: it is one
/// that models take.
[[nodiscard]] std::optional<openai_problem> problem_of_order(const message_list& messages);

}  // namespace persona_runtime::api
