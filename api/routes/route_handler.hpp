#pragma once
// From requests to the engine and back: the one place that knows all routes.

#include "api/api_settings.hpp"
#include "api/backend.hpp"
#include "api/http/exchange.hpp"
#include "api/http/target.hpp"
#include "api/http_server.hpp"
#include "api/routes/auth.hpp"
#include "api/routes/edge_metrics.hpp"
#include "api/routes/error_answer.hpp"
#include "api/routes/event_stream.hpp"
#include "api/routes/rate_limiter.hpp"
#include "api/routes/route.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime::api {

/// Shared by the threads of all connections. Checks in this order: route, JSON, who may ask at
/// all, key, rate, fields; what only the engine knows comes after.
class route_handler final : public request_handler {
public:
  /// `now` is UTC. `engine` and `metrics` must outlive this.
  route_handler(api_settings settings, authenticator keys, backend& engine, edge_metrics& metrics,
                std::function<instant()> now, server_hooks hooks = {});

  void on_request(http_request request, reply_port& port, std::shared_ptr<exchange> back) override;
  http_answer on_fault(unsigned status, std::string_view token, std::string detail) override;

private:
  struct call {  // one request on its way through
    const route& row;
    const http_request& request;
    const request_target& target;
    std::string id;
    boost::json::value body;
    caller who;
    std::shared_ptr<exchange> back;
    error_context about;
  };

  [[nodiscard]] std::string cors_headers(const http_request& request) const;
  void answer_unrouted(const http_request& request, const route_match& match, reply_port& port);
  [[nodiscard]] std::optional<http_answer> admit(const http_request& request, const route& row,
                                                 caller& who, std::string& headers);
  void dispatch(call& asked, reply_port& port);
  void dispatch_run(call& asked, reply_port& port);
  [[nodiscard]] event_stream_settings stream_settings() const;
  void dispatch_conversation(call& asked, reply_port& port);
  void dispatch_memory(call& asked, reply_port& port);
  void serve_health(call& asked);
  void serve_ready(reply_port& port);
  void serve_metrics(reply_port& port);
  void create_persona(call& asked, reply_port& port);
  void edit_persona(call& asked, reply_port& port);
  void list_personas(call& asked, reply_port& port);
  void start_run(call& asked, reply_port& port);
  [[nodiscard]] http_answer refused_run(const failure& why, error_context about) const;
  void list_runs(call& asked, reply_port& port);
  void show_usage(call& asked, reply_port& port);
  void reload(call& asked, reply_port& port);
  void watch_run(call& asked, reply_port& port);
  void cancel_run(call& asked, reply_port& port);
  void answer_run(call& asked, reply_port& port);

  const api_settings settings_;
  const authenticator keys_;
  backend& engine_;
  edge_metrics& metrics_;
  const std::function<instant()> now_;
  rate_limiter rates_;
  const server_hooks hooks_;
};

}  // namespace persona_runtime::api
