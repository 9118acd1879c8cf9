#pragma once
#include "api/backend.hpp"
#include "api/edge/edge_actor.hpp"
#include "api/edge/edge_completions.hpp"
#include "api/edge/edge_conversations.hpp"
#include "api/edge/edge_memory.hpp"
#include "domain/tier/tier_table.hpp"

#include <atomic>

namespace persona_runtime {

/// What a request that leaves something out gets, and what stops one.
struct run_defaults {
  std::uint32_t max_steps = 20;
  std::optional<std::uint64_t> max_tokens{};
  std::optional<double> max_cost_cents{};
  std::optional<double> deadline_s{};
  bool force_frontier = false;
};

struct edge_services {
  completions_actor completions;  // null where nobody asks for any
  run_defaults defaults;
  std::function<tier_snapshot()> tiers;  // that there are now
  std::function<run_id()> new_run_id;
  std::string tools_json;                         // list of {name, description}
  std::string skills_json;                        // list of {name, description, …}
  std::function<std::string()> not_ready_reason;  // empty: ready
  std::function<std::string()> metrics_text;
  conversation_edge_services conversations;
};

/// The engine as the HTTP edge and embedding programs see it. Thread-safe; `edges` must not be
/// empty and outlive nothing: calls after their end fail with internal_error.
class edge_backend final : public backend {
public:
  edge_backend(std::vector<edge_actor> edges, edge_services services);

  void start_run(const caller& who, run_request request, on_done<run_started> done) override;
  void show_run(const caller& who, const run_id& run, on_done<std::string> done) override;
  void list_runs(const caller& who, const run_query& query, on_done<std::string> done) override;
  void cancel_run(const caller& who, const run_id& run, std::string reason,
                  on_done<void> done) override;
  void answer_run(const caller& who, const run_id& run, std::string answer,
                  std::optional<std::string> question_id, on_done<void> done) override;
  void delete_run(const caller& who, const run_id& run, on_done<void> done) override;
  void watch_run(const caller& who, const watch_request& request,
                 std::shared_ptr<run_viewer> viewer,
                 on_done<std::unique_ptr<run_watch>> done) override;
  void create_persona(const caller& who, persona_input input, on_done<std::string> done) override;
  void show_persona(const caller& who, const persona_id& id, on_done<std::string> done) override;
  void list_personas(const caller& who, std::uint32_t limit, std::uint64_t offset,
                     on_done<std::string> done) override;
  void edit_persona(const caller& who, const persona_id& id, persona_edit edit,
                    on_done<std::string> done) override;
  void delete_persona(const caller& who, const persona_id& id, on_done<void> done) override;
  void list_persona_skills(const caller& who, const persona_id& id,
                           on_done<std::string> done) override;
  /// Makes a stored persona say what its file says. Fails with validation_error, overloaded.
  void keep_persona(const persona_id& id, const owner_id& owner, std::string yaml,
                    on_done<kept_persona> done);
  [[nodiscard]] std::string tools_json() const override { return services_.tools_json; }
  [[nodiscard]] std::string skills_json() const override { return services_.skills_json; }
  void show_usage(const usage_filter& filter, on_done<std::string> done) override;
  void check_health(on_done<void> done) override;
  [[nodiscard]] std::string not_ready_reason() const override {
    return services_.not_ready_reason();
  }
  [[nodiscard]] std::string metrics_text() const override { return services_.metrics_text(); }

  [[nodiscard]] conversation_backend* conversations() override { return &talks_; }
  [[nodiscard]] completion_backend* completions() override { return &completions_; }
  [[nodiscard]] memory_backend* memories() override { return &memories_; }

private:
  /// Runs `task` on the next edge in turn.
  void post(std::function<void(edge_life&)> task);
  [[nodiscard]] result<run_spec> spec_for(const caller& who, const run_request& request) const;

  std::vector<edge_actor> edges_;
  edge_services services_;
  std::atomic<std::size_t> turn_{0};
  edge_conversations talks_;
  edge_completions completions_;
  edge_memory memories_;
};

}  // namespace persona_runtime
