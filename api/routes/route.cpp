#include "api/routes/route.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime::api {
namespace {

constexpr auto table = std::array{
  route{route_id::home, "GET", "/", "home", true, false, rate_class::none},
  route{route_id::livez, "GET", "/livez", "livez", true, false, rate_class::none},
  route{route_id::healthz, "GET", "/healthz", "healthz", true, false, rate_class::none},
  route{route_id::readyz, "GET", "/readyz", "readyz", true, false, rate_class::none},
  route{route_id::metrics, "GET", "/metrics", "metrics", false, false, rate_class::none},
  route{route_id::openapi, "GET", "/openapi.json", "openapi", true, false, rate_class::none},
  route{route_id::list_tools, "GET", "/v1/tools", "list_tools", false, false, rate_class::standard},
  route{route_id::list_skills, "GET", "/v1/skills", "list_skills", false, false,
        rate_class::standard},
  route{route_id::create_persona, "POST", "/v1/personas", "create_persona", false, true,
        rate_class::standard},
  route{route_id::list_personas, "GET", "/v1/personas", "list_personas", false, false,
        rate_class::standard},
  route{route_id::show_persona, "GET", "/v1/personas/{id}", "show_persona", false, false,
        rate_class::standard},
  route{route_id::edit_persona, "PATCH", "/v1/personas/{id}", "edit_persona", false, true,
        rate_class::standard},
  route{route_id::set_consent, "PATCH", "/v1/personas/{id}/consent", "set_consent", false, true,
        rate_class::standard},
  route{route_id::grant_tool, "POST", "/v1/personas/{id}/tools", "grant_tool", false, true,
        rate_class::standard},
  route{route_id::list_persona_skills, "GET", "/v1/personas/{id}/skills", "list_persona_skills",
        false, false, rate_class::standard},
  route{route_id::answer_skill, "PATCH", "/v1/personas/{id}/skills", "answer_skill", false, true,
        rate_class::standard},
  route{route_id::delete_persona, "DELETE", "/v1/personas/{id}", "delete_persona", false, false,
        rate_class::standard},
  route{route_id::list_memory, "GET", "/v1/personas/{id}/memory", "list_memory", false, false,
        rate_class::standard},
  route{route_id::roll_back_memory, "POST", "/v1/personas/{id}/memory/rollback", "roll_back_memory",
        false, true, rate_class::standard},
  route{route_id::purge_memory, "DELETE", "/v1/personas/{id}/memory", "purge_memory", false, false,
        rate_class::standard},
  route{route_id::list_audit, "GET", "/v1/personas/{id}/audit", "list_audit", false, false,
        rate_class::standard},
  route{route_id::start_persona_run, "POST", "/v1/personas/{id}/runs", "start_persona_run", false,
        true, rate_class::runs},
  route{route_id::start_run, "POST", "/v1/runs", "start_run", false, true, rate_class::runs},
  route{route_id::list_runs, "GET", "/v1/runs", "list_runs", false, false, rate_class::standard},
  route{route_id::show_run, "GET", "/v1/runs/{id}", "show_run", false, false, rate_class::standard},
  route{route_id::watch_run, "GET", "/v1/runs/{id}/events", "watch_run", false, false,
        rate_class::standard},
  route{route_id::cancel_run, "POST", "/v1/runs/{id}/cancel", "cancel_run", false, true,
        rate_class::standard},
  route{route_id::answer_run, "POST", "/v1/runs/{id}/respond", "answer_run", false, true,
        rate_class::standard},
  route{route_id::delete_run, "DELETE", "/v1/runs/{id}", "delete_run", false, false,
        rate_class::standard},
  route{route_id::create_conversation, "POST", "/v1/personas/{id}/conversations",
        "create_conversation", false, true, rate_class::standard},
  route{route_id::list_conversations, "GET", "/v1/conversations", "list_conversations", false,
        false, rate_class::standard},
  route{route_id::show_conversation, "GET", "/v1/conversations/{id}", "show_conversation", false,
        false, rate_class::standard},
  route{route_id::delete_conversation, "DELETE", "/v1/conversations/{id}", "delete_conversation",
        false, false, rate_class::standard},
  route{route_id::say, "POST", "/v1/conversations/{id}/messages", "say", false, true,
        rate_class::messages},
  route{route_id::say_again, "POST", "/v1/conversations/{id}/regenerate", "say_again", false, true,
        rate_class::messages},
  route{route_id::fork_conversation, "POST", "/v1/conversations/{id}/fork", "fork_conversation",
        false, true, rate_class::standard},
  route{route_id::list_messages, "GET", "/v1/conversations/{id}/messages", "list_messages", false,
        false, rate_class::standard},
  route{route_id::show_turn, "GET", "/v1/conversations/{id}/active-turn", "show_turn", false, false,
        rate_class::standard},
  route{route_id::watch_turn, "GET", "/v1/conversations/{id}/active-turn/events", "watch_turn",
        false, false, rate_class::standard},
  route{route_id::cancel_turn, "POST", "/v1/conversations/{id}/active-turn/cancel", "cancel_turn",
        false, true, rate_class::standard},
  route{route_id::list_turns, "GET", "/v1/conversations/{id}/turns", "list_turns", false, false,
        rate_class::standard},
  route{route_id::create_completion, "POST", "/v1/chat/completions", "create_completion", false,
        true, rate_class::messages},
  route{route_id::list_models, "GET", "/v1/models", "list_models", false, false,
        rate_class::standard},
  route{route_id::show_usage, "GET", "/v1/usage", "show_usage", false, false, rate_class::standard},
  route{route_id::reload, "POST", "/v1/admin/reload", "reload", false, true, rate_class::standard},
};

constexpr auto is_head_served(const route& row) {
  return row.method == "GET" && row.id != route_id::watch_run && row.id != route_id::watch_turn;
}

bool fits(std::string_view pattern, const std::vector<std::string>& segments, std::string& id) {
  pattern.remove_prefix(1);
  for (const auto& segment : segments) {
    const auto end = std::min(pattern.find('/'), pattern.size());
    const auto part = pattern.substr(0, end);
    if (part == "{id}") {
      id = segment;
    } else if (part.empty() || part != segment) {
      return false;
    }
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return pattern.empty();
}

}  // namespace

std::span<const route> all_routes() {
  return table;
}

route_match match_route(std::string_view method, const std::vector<std::string>& segments) {
  auto match = route_match{};
  for (const auto& row : table) {
    if (!fits(row.pattern, segments, match.id))
      continue;
    if (method == row.method || (method == "HEAD" && is_head_served(row))) {
      match.found = &row;
      return match;
    }
    match.allow.append(row.method).append(is_head_served(row) ? ", HEAD, " : ", ");
  }
  if (!match.allow.empty()) {
    match.allow.append("OPTIONS");
  }
  return match;
}

bool takes_large_body(std::string_view method, std::string_view target) {
  constexpr auto talks = std::string_view{"/v1/conversations/"};
  target = target.substr(0, target.find('?'));
  return method == "POST"
         && (target == "/v1/chat/completions"
             || (target.starts_with(talks) && target.ends_with("/messages")));
}

std::string_view name_of(rate_class kind) {
  constexpr auto names =
    std::to_array<std::string_view>({"none", "default", "runs", "messages", "author"});
  return names.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(route_id id) {
  for (const auto& row : table) {
    if (row.id == id)
      return row.name;
  }
  return "other";
}

}  // namespace persona_runtime::api
