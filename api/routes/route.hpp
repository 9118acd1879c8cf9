#pragma once
// The table of routes: what is served, by whom it may be asked, and how often.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::api {

enum class route_id : std::uint8_t {
  home,
  livez,
  healthz,
  readyz,
  metrics,
  openapi,
  list_tools,
  list_skills,
  create_persona,
  list_personas,
  show_persona,
  edit_persona,
  set_consent,
  grant_tool,
  list_persona_skills,
  answer_skill,
  delete_persona,
  list_memory,
  roll_back_memory,
  purge_memory,
  list_audit,
  start_persona_run,
  start_run,
  list_runs,
  show_run,
  watch_run,
  cancel_run,
  answer_run,
  delete_run,
  create_conversation,
  list_conversations,
  show_conversation,
  delete_conversation,
  say,
  say_again,
  fork_conversation,
  list_messages,
  show_turn,
  watch_turn,
  cancel_turn,
  list_turns,
  create_completion,
  list_models,
  show_usage,
  reload,
  other,  // none of these
};
inline constexpr std::size_t route_count = static_cast<std::size_t>(route_id::other) + 1;

/// Rates are counted by class.
enum class rate_class : std::uint8_t { none, standard, runs, messages, author };
/// As the keys of the settings begin: "runs" for rates.runs_per_minute, "default" for standard.
[[nodiscard]] std::string_view name_of(rate_class kind);

/// Whether a request may carry images, by its request line.
[[nodiscard]] bool takes_large_body(std::string_view method, std::string_view target);

struct route {
  route_id id;
  std::string_view method;
  std::string_view pattern;  // "/v1/runs/{id}"
  std::string_view name;     // in metrics and as operationId
  bool is_open;              // served without a key
  bool has_body;             // JSON
  rate_class rate;
};

[[nodiscard]] std::span<const route> all_routes();

struct route_match {
  const route* found = nullptr;
  std::string id;     // what stands for {id}
  std::string allow;  // when the path exists but not with this method: "GET, HEAD, OPTIONS"
};

/// HEAD is served as GET is, except for streams. OPTIONS is never found, but `allow` is filled.
[[nodiscard]] route_match match_route(std::string_view method,
                                      const std::vector<std::string>& segments);

/// "start_run", …, "other"
[[nodiscard]] std::string_view name_of(route_id id);

}  // namespace persona_runtime::api
