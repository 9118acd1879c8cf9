#pragma once
// The routes of what personas remember: from requests to the engine and back.

#include "api/http/exchange.hpp"
#include "api/http/target.hpp"
#include "api/memory_backend.hpp"
#include "api/routes/error_answer.hpp"
#include "api/routes/route.hpp"

#include <boost/json/value.hpp>

#include <memory>

namespace persona_runtime::api {

/// One request on its way through; its route is one of these.
struct memory_call {
  route_id route;
  const request_target& target;
  persona_id persona;
  const boost::json::value& body;
  const caller& who;
  std::shared_ptr<exchange> back;
  error_context about;  // of every refusal
};

/// Answers through `port`, now or later. `engine` must outlive the answer.
void serve_memory(const memory_call& asked, reply_port& port, memory_backend& engine);

}  // namespace persona_runtime::api
