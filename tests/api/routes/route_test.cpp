#include "api/routes/route.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

TEST_CASE("every route is found by method and path", "[api][route]") {
  struct row {
    const char* method;
    std::vector<std::string> path;
    route_id id;
    const char* parameter;
  };
  const auto rows = std::vector<row>{
    {"GET", {}, route_id::home, ""},
    {"GET", {"livez"}, route_id::livez, ""},
    {"HEAD", {"healthz"}, route_id::healthz, ""},
    {"GET", {"readyz"}, route_id::readyz, ""},
    {"GET", {"metrics"}, route_id::metrics, ""},
    {"GET", {"openapi.json"}, route_id::openapi, ""},
    {"GET", {"v1", "tools"}, route_id::list_tools, ""},
    {"GET", {"v1", "skills"}, route_id::list_skills, ""},
    {"POST", {"v1", "personas"}, route_id::create_persona, ""},
    {"GET", {"v1", "personas"}, route_id::list_personas, ""},
    {"GET", {"v1", "personas", "p"}, route_id::show_persona, "p"},
    {"PATCH", {"v1", "personas", "p"}, route_id::edit_persona, "p"},
    {"PATCH", {"v1", "personas", "p", "consent"}, route_id::set_consent, "p"},
    {"POST", {"v1", "personas", "p", "tools"}, route_id::grant_tool, "p"},
    {"GET", {"v1", "personas", "p", "skills"}, route_id::list_persona_skills, "p"},
    {"PATCH", {"v1", "personas", "p", "skills"}, route_id::answer_skill, "p"},
    {"DELETE", {"v1", "personas", "p"}, route_id::delete_persona, "p"},
    {"GET", {"v1", "personas", "p", "memory"}, route_id::list_memory, "p"},
    {"POST", {"v1", "personas", "p", "memory", "rollback"}, route_id::roll_back_memory, "p"},
    {"DELETE", {"v1", "personas", "p", "memory"}, route_id::purge_memory, "p"},
    {"GET", {"v1", "personas", "p", "audit"}, route_id::list_audit, "p"},
    {"POST", {"v1", "personas", "p", "runs"}, route_id::start_persona_run, "p"},
    {"POST", {"v1", "runs"}, route_id::start_run, ""},
    {"GET", {"v1", "runs"}, route_id::list_runs, ""},
    {"GET", {"v1", "usage"}, route_id::show_usage, ""},
    {"POST", {"v1", "admin", "reload"}, route_id::reload, ""},
    {"GET", {"v1", "runs", "r"}, route_id::show_run, "r"},
    {"GET", {"v1", "runs", "r", "events"}, route_id::watch_run, "r"},
    {"POST", {"v1", "runs", "r", "cancel"}, route_id::cancel_run, "r"},
    {"POST", {"v1", "runs", "r", "respond"}, route_id::answer_run, "r"},
    {"DELETE", {"v1", "runs", "r"}, route_id::delete_run, "r"},
    {"POST", {"v1", "personas", "p", "conversations"}, route_id::create_conversation, "p"},
    {"GET", {"v1", "conversations"}, route_id::list_conversations, ""},
    {"GET", {"v1", "conversations", "c"}, route_id::show_conversation, "c"},
    {"DELETE", {"v1", "conversations", "c"}, route_id::delete_conversation, "c"},
    {"POST", {"v1", "conversations", "c", "messages"}, route_id::say, "c"},
    {"POST", {"v1", "conversations", "c", "regenerate"}, route_id::say_again, "c"},
    {"POST", {"v1", "conversations", "c", "fork"}, route_id::fork_conversation, "c"},
    {"GET", {"v1", "conversations", "c", "messages"}, route_id::list_messages, "c"},
    {"GET", {"v1", "conversations", "c", "active-turn"}, route_id::show_turn, "c"},
    {"GET", {"v1", "conversations", "c", "active-turn", "events"}, route_id::watch_turn, "c"},
    {"POST", {"v1", "conversations", "c", "active-turn", "cancel"}, route_id::cancel_turn, "c"},
    {"GET", {"v1", "conversations", "c", "turns"}, route_id::list_turns, "c"},
    {"POST", {"v1", "chat", "completions"}, route_id::create_completion, ""},
    {"GET", {"v1", "models"}, route_id::list_models, ""},
  };
  for (const auto& [method, path, id, parameter] : rows) {
    CAPTURE(method, path);
    const auto match = match_route(method, path);
    REQUIRE(match.found != nullptr);
    CHECK(match.found->id == id);
    CHECK(match.id == parameter);
  }
  CHECK(rows.size() == all_routes().size());
}

TEST_CASE("a wrong method is told what is allowed, an unknown path nothing", "[api][route]") {
  const auto runs = match_route("PUT", {"v1", "runs"});
  CHECK(runs.found == nullptr);
  CHECK(runs.allow == "POST, GET, HEAD, OPTIONS");
  CHECK(match_route("HEAD", {"v1", "runs", "r", "events"}).allow == "GET, OPTIONS");
  CHECK(match_route("PUT", {"v1", "personas", "p"}).allow == "GET, HEAD, PATCH, DELETE, OPTIONS");
  for (const auto& path : std::vector<std::vector<std::string>>{{"v1"},
                                                                {"v2", "runs"},
                                                                {"v1", "runs", "r", "steps"},
                                                                {"v1", "runs", "r", "events", "x"},
                                                                {"v1", "chat", "answers"},
                                                                {"v1", "model"},
                                                                {"v1", "talks"}}) {
    CAPTURE(path);
    const auto match = match_route("GET", path);
    CHECK(match.found == nullptr);
    CHECK(match.allow.empty());
  }
}
