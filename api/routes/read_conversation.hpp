#pragma once
// Requests about conversations as values, checked. Pure. Each fails with validation_error, its
// detail a JSON list of all problems.

#include "api/conversation_backend.hpp"
#include "api/http/target.hpp"

#include <boost/json/value.hpp>

namespace persona_runtime::api {

[[nodiscard]] result<new_conversation> read_new_conversation(const boost::json::value& body,
                                                             const persona_id& persona);

[[nodiscard]] result<chat_message> read_chat_message(const boost::json::value& body);

/// The body of a request that has nothing to say.
[[nodiscard]] result<void> read_nothing(const boost::json::value& body);
[[nodiscard]] result<new_fork> read_fork(const boost::json::value& body);

[[nodiscard]] result<conversation_query> read_conversation_query(const request_target& target);
[[nodiscard]] result<message_query> read_message_query(const request_target& target);
[[nodiscard]] result<turn_query> read_turn_query(const request_target& target);

}  // namespace persona_runtime::api
