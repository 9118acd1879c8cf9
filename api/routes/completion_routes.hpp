#pragma once
// The routes that speak OpenAI's language.

#include "api/backend.hpp"
#include "api/http/exchange.hpp"
#include "api/routes/event_stream.hpp"
#include "api/routes/route.hpp"

#include <boost/json/value.hpp>

#include <memory>

namespace persona_runtime::api {

/// Routes whose errors are all in OpenAI's form.
[[nodiscard]] bool speaks_openai(route_id id);

/// Answers POST /v1/chat/completions, now or later. `engine` must outlive the answer.
void serve_completion(const boost::json::value& body, const caller& who, instant now,
                      backend& engine, const event_stream_settings& settings, reply_port& port,
                      const std::shared_ptr<exchange>& back);

/// Answers GET /v1/models: the personas, newest first, at most 1,000.
void serve_models(const caller& who, backend& engine, const std::shared_ptr<exchange>& back);

/// {"object":"list","data":[…]} from a JSON list of PersonaSummary.
[[nodiscard]] std::string models_json(std::string_view personas, const owner_id& owner);

}  // namespace persona_runtime::api
