#include "api/routes/route_handler.hpp"

#include "api/openapi.hpp"
#include "api/routes/body_reader.hpp"
#include "api/routes/completion_routes.hpp"
#include "api/routes/conversation_routes.hpp"
#include "api/routes/event_stream.hpp"
#include "api/routes/memory_routes.hpp"
#include "api/routes/openai_error.hpp"
#include "api/routes/read_request.hpp"
#include "api/routes/read_usage.hpp"
#include "api/routes/run_wait.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace persona_runtime::api {
namespace {

constexpr auto home_page = std::string_view{
  "<!doctype html><meta charset=\"utf-8\"><title>persona-runtime</title>\n"
  "<h1>persona-runtime</h1>\n"
  "<p>This server carries out tasks for personas. Its interface is described in\n"
  "<a href=\"/openapi.json\">/openapi.json</a>; its state in <a href=\"/readyz\">/readyz</a> and\n"
  "<a href=\"/metrics\">/metrics</a>.</p>\n"};

http_answer json_answer(unsigned status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

// Answers with the text that the engine gives, or with its failure.
template <class Call>
backend::on_done<std::string> answer_text(const Call& asked, unsigned status) {
  return [back = asked.back, about = asked.about, status](result<std::string> text) {
    back->post([about, status, text = std::move(text)](reply_port& port) {
      port.answer(text ? json_answer(status, *text) : error_answer(text.error(), about));
    });
  };
}

template <class Call>
backend::on_done<void> answer_done(const Call& asked, http_answer good) {
  return [back = asked.back, about = asked.about, good = std::move(good)](result<void> done) {
    back->post([about, good, done](reply_port& port) {
      port.answer(done ? good : error_answer(done.error(), about));
    });
  };
}

bool is_about_run(route_id id) {
  return id == route_id::show_run || id == route_id::watch_run || id == route_id::cancel_run
         || id == route_id::answer_run || id == route_id::delete_run;
}

// The id in the path, for the errors of the request.
error_context subject_of(route_id route, const std::string& id) {
  if (id.empty())
    return {};
  const auto is_talk = is_about_conversation(route) && route != route_id::create_conversation;
  return {{is_talk ? "conversation_id" : is_about_run(route) ? "run_id" : "persona_id", id}};
}

// An id that cannot be one of ours belongs to nothing, and need not be looked up.
failure unknown_id(route_id route) {
  if (is_about_conversation(route) && route != route_id::create_conversation) {
    return {errc::conversation_not_found, "there is no such conversation"};
  }
  if (is_about_run(route)) {
    return {errc::run_not_found, "there is no such run"};
  }
  return {errc::persona_not_found, "there is no such persona"};
}

// Whether the list of tools holds one of this name.
bool is_listed(const std::string& tools_json, std::string_view name) {
  const auto tools = boost::json::parse(tools_json);
  return std::ranges::any_of(tools.as_array(), [name](const boost::json::value& tool) {
    return std::string_view{tool.at("name").as_string()} == name;
  });
}

/// In the language of the route.
http_answer told_to(route_id route, http_answer answer) {
  return speaks_openai(route) ? in_openai_form(std::move(answer)) : answer;
}

result<persona_edit> read_persona_edit(route_id route, const boost::json::value& body) {
  if (route == route_id::set_consent)
    return read_consent(body);
  if (route == route_id::grant_tool)
    return read_tool_grant(body);
  if (route == route_id::answer_skill)
    return read_skill_consent(body);
  auto input = read_persona(body);
  if (!input)
    return input.error();
  return persona_edit{std::move(input->yaml), std::move(input->avatar_url), {}, {}, {}};
}

}  // namespace

route_handler::route_handler(api_settings settings, authenticator keys, backend& engine,
                             edge_metrics& metrics, std::function<instant()> now,
                             server_hooks hooks)
  : settings_{std::move(settings)}, keys_{std::move(keys)}, engine_{engine}, metrics_{metrics},
    now_{std::move(now)}, rates_{settings_.rates}, hooks_{std::move(hooks)} {
}

void route_handler::on_request(http_request request, reply_port& port,
                               std::shared_ptr<exchange> back) {
  auto headers = cors_headers(request);
  port.label(static_cast<std::size_t>(route_id::other), headers);
  const auto target = parse_target(request.target);
  if (!target) {
    port.answer(error_answer(400, "bad_request", target.error().detail));
    return;
  }
  auto match = match_route(request.method, target->segments);
  if (match.found == nullptr) {
    answer_unrouted(request, match, port);
    return;
  }
  const auto& row = *match.found;
  port.label(static_cast<std::size_t>(row.id), headers);
  auto body = row.has_body ? parse_body(request.body) : result<boost::json::value>{nullptr};
  if (!body) {
    port.answer(told_to(row.id, error_answer(body.error())));
    return;
  }
  auto who = caller{};
  if (auto refusal = admit(request, row, who, headers)) {
    port.label(static_cast<std::size_t>(row.id), headers);
    port.answer(told_to(row.id, std::move(*refusal)));
    return;
  }
  port.label(static_cast<std::size_t>(row.id), std::move(headers));
  auto about = subject_of(row.id, match.id);
  auto asked = call{row,
                    request,
                    *target,
                    std::move(match.id),
                    std::move(*body),
                    std::move(who),
                    std::move(back),
                    std::move(about)};
  dispatch(asked, port);
}

http_answer route_handler::on_fault(unsigned status, std::string_view token, std::string detail) {
  auto about = error_context{};
  if (status == 413)
    about.emplace_back("body_bytes_max", std::to_string(body_bytes_max));
  if (status == 431)
    about.emplace_back("header_bytes_max", std::to_string(header_bytes_max));
  if (status == 503)
    about.emplace_back("connections_max", std::to_string(settings_.http.open_max));
  auto answer = error_answer(status, token, detail, about);
  answer.close = true;
  if (status == 503) {
    answer.headers.emplace_back("Retry-After", "1");
  }
  return answer;
}

std::string route_handler::cors_headers(const http_request& request) const {
  const auto& origins = settings_.cors_origins;
  if (!request.origin
      || std::find(origins.begin(), origins.end(), *request.origin) == origins.end()) {
    return {};
  }
  return "Access-Control-Allow-Origin: " + *request.origin
         + "\r\nVary: Origin\r\nAccess-Control-Expose-Headers: X-RateLimit-Limit, "
           "X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Location\r\n";
}

void route_handler::answer_unrouted(const http_request& request, const route_match& match,
                                    reply_port& port) {
  if (match.allow.empty()) {
    port.answer(error_answer(404, "not_found", "there is no such route; /openapi.json lists them"));
    return;
  }
  const auto is_options = request.method == "OPTIONS";
  auto answer = is_options
                  ? http_answer{.status = 204}
                  : error_answer(405, "method_not_allowed", "this route takes " + match.allow);
  answer.headers.emplace_back("Allow", match.allow);
  if (is_options && !cors_headers(request).empty()) {
    answer.headers.emplace_back("Access-Control-Allow-Methods", match.allow);
    answer.headers.emplace_back("Access-Control-Allow-Headers",
                                "Authorization, Content-Type, Idempotency-Key, Last-Event-ID");
    answer.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  port.answer(std::move(answer));
}

std::optional<http_answer> route_handler::admit(const http_request& request, const route& row,
                                                caller& who, std::string& headers) {
  if (!keys_.has_keys()) {
    if (auto refusal = refuse_foreign_page(request, row.has_body, settings_.cors_origins)) {
      return refusal;
    }
  }
  const auto known = row.is_open ? caller{} : keys_.caller_of(request.authorization);
  if (!known) {
    return unauthenticated_answer();
  }
  who = *known;
  const auto verdict = rates_.count(who.owner, row.rate, now_());
  if (!verdict) {
    return std::nullopt;
  }
  headers.append(rate_headers(*verdict));
  if (verdict->allowed) {
    return std::nullopt;
  }
  return error_answer(
    {errc::rate_limit_exceeded,
     "over " + std::to_string(verdict->limit) + " requests of this kind in one minute",
     std::chrono::seconds{verdict->retry_after_s}},
    {{"limit_per_minute", std::to_string(verdict->limit)},
     {"kind", std::string{name_of(row.rate)}}});
}

void route_handler::dispatch(call& asked, reply_port& port) {
  if (!asked.id.empty() && !is_plausible_id(asked.id)) {
    port.answer(error_answer(unknown_id(asked.row.id), asked.about));
    return;
  }
  switch (asked.row.id) {
  case route_id::home:
    port.answer({.body = std::string{home_page}, .content_type = "text/html; charset=utf-8"});
    return;
  case route_id::livez:
    port.answer(json_answer(200, R"({"status":"ok"})"));
    return;
  case route_id::healthz:
    serve_health(asked);
    return;
  case route_id::readyz:
    serve_ready(port);
    return;
  case route_id::metrics:
    serve_metrics(port);
    return;
  case route_id::openapi:
    port.answer(json_answer(200, std::string{openapi_json()}));
    return;
  case route_id::list_tools:
    port.answer(json_answer(200, engine_.tools_json()));
    return;
  case route_id::list_skills:
    port.answer(json_answer(200, engine_.skills_json()));
    return;
  case route_id::create_persona:
    create_persona(asked, port);
    return;
  case route_id::list_personas:
    list_personas(asked, port);
    return;
  case route_id::show_persona:
    engine_.show_persona(asked.who, {asked.id}, answer_text(asked, 200));
    return;
  case route_id::edit_persona:
  case route_id::set_consent:
  case route_id::grant_tool:
  case route_id::answer_skill:
    edit_persona(asked, port);
    return;
  case route_id::list_persona_skills:
    engine_.list_persona_skills(asked.who, {asked.id}, answer_text(asked, 200));
    return;
  case route_id::delete_persona:
    engine_.delete_persona(asked.who, {asked.id}, answer_done(asked, {.status = 204}));
    return;
  case route_id::list_memory:
  case route_id::roll_back_memory:
  case route_id::purge_memory:
  case route_id::list_audit:
    dispatch_memory(asked, port);
    return;
  case route_id::create_completion:
    serve_completion(asked.body, asked.who, now_(), engine_, stream_settings(), port, asked.back);
    return;
  case route_id::list_models:
    serve_models(asked.who, engine_, asked.back);
    return;
  case route_id::show_usage:
    show_usage(asked, port);
    return;
  case route_id::reload:
    reload(asked, port);
    return;
  default:
    is_about_conversation(asked.row.id) ? dispatch_conversation(asked, port)
                                        : dispatch_run(asked, port);
    return;
  }
}

event_stream_settings route_handler::stream_settings() const {
  return {settings_.http.slow_reader_buffer, settings_.http.heartbeat};
}

void route_handler::dispatch_conversation(call& asked, reply_port& port) {
  auto* talks = engine_.conversations();
  if (talks == nullptr) {
    port.answer(error_answer({errc::model_unavailable, "this server has no conversations"}));
    return;
  }
  serve_conversation({asked.row.id,
                      asked.request,
                      asked.target,
                      {asked.id},
                      asked.body,
                      asked.who,
                      asked.back,
                      asked.about},
                     port, *talks, stream_settings(), metrics_);
}

void route_handler::dispatch_memory(call& asked, reply_port& port) {
  auto* memories = engine_.memories();
  if (memories == nullptr) {
    port.answer(error_answer({errc::model_unavailable, "this server has no memory"}));
    return;
  }
  serve_memory(
    {asked.row.id, asked.target, {asked.id}, asked.body, asked.who, asked.back, asked.about}, port,
    *memories);
}

void route_handler::dispatch_run(call& asked, reply_port& port) {
  switch (asked.row.id) {
  case route_id::start_persona_run:
  case route_id::start_run:
    start_run(asked, port);
    return;
  case route_id::list_runs:
    list_runs(asked, port);
    return;
  case route_id::show_run:
    engine_.show_run(asked.who, {asked.id}, answer_text(asked, 200));
    return;
  case route_id::watch_run:
    watch_run(asked, port);
    return;
  case route_id::cancel_run:
    cancel_run(asked, port);
    return;
  case route_id::answer_run:
    answer_run(asked, port);
    return;
  case route_id::delete_run:
    engine_.delete_run(asked.who, {asked.id}, answer_done(asked, {.status = 204}));
    return;
  default:
    port.answer(error_answer({errc::internal_error, ""}));
    return;
  }
}

void route_handler::serve_health(call& asked) {
  engine_.check_health([back = asked.back](result<void> healthy) {
    const auto is_healthy = healthy.has_value();
    back->post([is_healthy](reply_port& port) {
      port.answer(is_healthy ? json_answer(200, R"({"status":"ok","db":"connected"})")
                             : json_answer(503, R"({"status":"unavailable","db":"disconnected"})"));
    });
  });
}

void route_handler::serve_ready(reply_port& port) {
  const auto reason = engine_.not_ready_reason();
  if (reason.empty()) {
    port.answer(json_answer(200, R"({"status":"ready"})"));
    return;
  }
  auto answer =
    json_answer(503, R"({"status":"unavailable","reason":)" + json_string(reason) + "}");
  answer.headers.emplace_back("Retry-After", "1");
  port.answer(std::move(answer));
}

void route_handler::serve_metrics(reply_port& port) {
  auto text = engine_.metrics_text();
  if (!text.empty() && text.back() != '\n')
    text.push_back('\n');
  port.answer({.body = text.append(metrics_.text()),
               .content_type = "text/plain; version=0.0.4; charset=utf-8"});
}

void route_handler::create_persona(call& asked, reply_port& port) {
  auto input = read_persona(asked.body);
  if (!input) {
    port.answer(error_answer(input.error(), asked.about));
    return;
  }
  engine_.create_persona(asked.who, std::move(*input), answer_text(asked, 201));
}

void route_handler::edit_persona(call& asked, reply_port& port) {
  auto edit = read_persona_edit(asked.row.id, asked.body);
  if (!edit) {
    port.answer(error_answer(edit.error(), asked.about));
    return;
  }
  if (edit->tool && !is_listed(engine_.tools_json(), *edit->tool)) {
    port.answer(error_answer(
      403, "tool_not_allowed",
      "there is no tool of this name; GET /v1/tools lists those that there are", asked.about));
    return;
  }
  engine_.edit_persona(asked.who, {asked.id}, std::move(*edit), answer_text(asked, 200));
}

void route_handler::list_personas(call& asked, reply_port& port) {
  const auto page = read_page_query(asked.target);
  if (!page) {
    port.answer(error_answer(page.error(), asked.about));
    return;
  }
  engine_.list_personas(asked.who, page->limit, page->offset, answer_text(asked, 200));
}

void route_handler::start_run(call& asked, reply_port& port) {
  const auto persona = asked.row.id == route_id::start_persona_run
                         ? std::optional{persona_id{asked.id}}
                         : std::nullopt;
  auto request =
    read_run_request(asked.body, persona, asked.request.idempotency_key, settings_.limits);
  const auto wait = read_wait(asked.target);
  if (!request || !wait) {
    port.answer(error_answer(request ? wait.error() : request.error(), asked.about));
    return;
  }
  if (!persona)
    asked.about.emplace_back("persona_id", request->persona.value);
  if (!request->idempotency_key.empty())
    asked.about.emplace_back("idempotency_key", request->idempotency_key);
  if (!is_plausible_id(request->persona.value)) {
    port.answer(error_answer(unknown_id(asked.row.id), asked.about));
    return;
  }
  auto done = [this, back = asked.back, about = asked.about, who = asked.who,
               time = *wait](result<run_started> started) {
    back->post([this, back, about, who, time, started = std::move(started)](reply_port& on) {
      if (!started) {
        on.answer(refused_run(started.error(), about));
      } else if (time.count() == 0) {
        on.answer(run_answer_of(202, started->run, started->status_json));
      } else {
        std::make_shared<run_wait>(back, who, started->run, engine_)->start(on, time);
      }
    });
  };
  engine_.start_run(asked.who, std::move(*request), std::move(done));
}

http_answer route_handler::refused_run(const failure& why, error_context about) const {
  if (why.code == errc::overloaded) {
    about.emplace_back("runs_live_max", std::to_string(settings_.limits.runs_live_max));
    about.emplace_back("runs_queued_max", std::to_string(settings_.limits.runs_queued_max));
  }
  return error_answer(why, std::move(about));
}

void route_handler::list_runs(call& asked, reply_port& port) {
  const auto query = read_run_query(asked.target);
  if (!query) {
    port.answer(error_answer(query.error(), asked.about));
    return;
  }
  engine_.list_runs(asked.who, *query, answer_text(asked, 200));
}

void route_handler::show_usage(call& asked, reply_port& port) {
  const auto filter = read_usage_query(asked.target, asked.who);
  if (!filter) {
    port.answer(error_answer(filter.error(), asked.about));
    return;
  }
  engine_.show_usage(*filter, answer_text(asked, 200));
}

void route_handler::reload(call& asked, reply_port& port) {
  if (!asked.who.admin) {
    port.answer(error_answer(403, "forbidden", "only an admin may reload the configuration"));
    return;
  }
  if (!hooks_.reload) {
    port.answer(error_answer(404, "not_found", "this server does not read its configuration"));
    return;
  }
  auto reader = body_reader{asked.body};
  if (const auto problems = reader.finish()) {
    port.answer(error_answer(*problems, asked.about));
    return;
  }
  hooks_.reload([back = asked.back](reload_answer answer) {
    back->post([answer = std::move(answer)](reply_port& on) {
      on.answer(json_answer(answer.is_done ? 200 : 422, answer.json));
    });
  });
}

void route_handler::watch_run(call& asked, reply_port& port) {
  const auto query = read_events_query(asked.target, asked.request);
  if (!query) {
    port.answer(error_answer(query.error(), asked.about));
    return;
  }
  const auto stream = std::make_shared<event_stream>(
    asked.back, watch_request{{asked.id}, query->from, query->follow, query->follow}, query->format,
    stream_settings(), metrics_);
  stream->start(port, asked.who, engine_);
}

void route_handler::cancel_run(call& asked, reply_port& port) {
  auto reason = read_cancel(asked.body);
  if (!reason) {
    port.answer(error_answer(reason.error(), asked.about));
    return;
  }
  engine_.cancel_run(asked.who, {asked.id}, std::move(*reason),
                     answer_done(asked, json_answer(202, R"({"status":"cancelling"})")));
}

void route_handler::answer_run(call& asked, reply_port& port) {
  auto answer = read_run_answer(asked.body);
  if (!answer) {
    port.answer(error_answer(answer.error(), asked.about));
    return;
  }
  engine_.answer_run(asked.who, {asked.id}, std::move(answer->answer),
                     std::move(answer->question_id), answer_done(asked, {.status = 204}));
}

}  // namespace persona_runtime::api
