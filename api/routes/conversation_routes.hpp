#pragma once
// The routes of conversations: from requests to the engine and back.

#include "api/conversation_backend.hpp"
#include "api/http/exchange.hpp"
#include "api/http/http_request.hpp"
#include "api/http/target.hpp"
#include "api/routes/edge_metrics.hpp"
#include "api/routes/error_answer.hpp"
#include "api/routes/event_stream.hpp"
#include "api/routes/route.hpp"

#include <boost/json/value.hpp>

#include <memory>

namespace persona_runtime::api {

/// One request on its way through; its route is one of these.
struct conversation_call {
  route_id route;
  const http_request& request;
  const request_target& target;
  conversation_id id;  // or the persona, of create_conversation
  const boost::json::value& body;
  const caller& who;
  std::shared_ptr<exchange> back;
  error_context about;  // of every refusal
};

[[nodiscard]] bool is_about_conversation(route_id id);

/// Answers through `port`, now or later. `engine` and `metrics` must outlive the answer.
void serve_conversation(const conversation_call& asked, reply_port& port,
                        conversation_backend& engine, const event_stream_settings& settings,
                        edge_metrics& metrics);

}  // namespace persona_runtime::api
