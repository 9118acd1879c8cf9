#pragma once
// The whole engine for programs that embed it. Needs no other header of ours than domain/, the
// provider interfaces and api/backend.hpp, and none of CAF.

#include "api/backend.hpp"
#include "domain/log_sink.hpp"
#include "domain/skill/skill_shelf.hpp"
#include "domain/tier/routing/select_model.hpp"
#include "domain/tier/routing/unified_router.hpp"
#include "domain/tier/tier_table.hpp"
#include "domain/tier/walk.hpp"
#include "providers/chat/chat_provider.hpp"
#include "providers/embed/embedder.hpp"
#include "providers/store/journal_store.hpp"
#include "providers/tools/memory_keeper.hpp"
#include "providers/tools/tool_body.hpp"
#include "providers/turn_log_writer.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

/// One model that the engine may call.
struct engine_model {
  model_entry facts;  // name, price, window
  std::shared_ptr<chat_provider> provider;
  call_timeouts timeouts{};
  std::string account{};  // models with the same one share a key at an endpoint, and with it its
                          // limits; empty: all of the same provider do
};

/// A tier: its models are tried in this order. Names: "frontier", "mid", "small".
struct engine_tier {
  std::string name;
  std::vector<engine_model> members;        // at least one
  std::optional<tier_metadata> metadata{};  // none: routing knows nothing about it
  /// The next model is asked beside one that takes longer than usual to begin (docs/routing.md).
  bool hedges = false;
};

/// What the engine cannot bring along. It shares ownership until it is destroyed, which is when
/// callbacks of models and tools are accepted last, and dropped.
struct engine_parts {
  std::vector<engine_tier> tiers;
  std::vector<std::shared_ptr<tool_body>> tools;
  std::shared_ptr<journal_store> store;          // null: in memory
  shelf_ptr skills;                              // null: personas have none
  std::shared_ptr<late_memory_keeper> memory{};  // what tools reach memory by; null: none does
  std::shared_ptr<embedder> embeds{};            // makes vectors; null: the embedded one
  std::shared_ptr<turn_log_writer> turn_logs{};  // gets every turn's log too; must not block
  model_traits_table traits{};                   // by "provider/model"; may be empty
};

struct engine_options {
  std::filesystem::path data_files;  // prompts and token ranks; empty: found as contract §6 says
  std::filesystem::path workspaces = "./workspaces";  // files of tools: OWNER/PERSONA below it
  bool shares_workspace = false;  // true: `workspaces` itself is the one workspace
  bool adds_safety_constraint = true;
  std::size_t runs_live_max = 10'000;
  std::size_t runs_queued_max = 1'000;
  std::uint32_t max_steps = 20;
  std::optional<std::uint64_t> max_tokens{};  // of runs that ask for no limit of their own
  std::optional<double> max_cost_cents{};
  std::optional<double> deadline_s{};
  bool force_frontier = false;
  router_kind router = router_kind::heuristic;  // who chooses the tier of chat turns
  bool shadows_router = false;                  // the log says what the other one would have done
  bool retries_refusals = false;  // chats: an answer that claims to lack a tool is sent back, once
  std::chrono::milliseconds question_timeout{86'400'000};
  walk_limits walk{};
  std::uint32_t model_calls_max = 0;            // of one model at once; 0: any number
  std::size_t model_calls_queued_max = 20'000;  // that wait for one key
  std::size_t edges = 1;                        // as many as I/O threads call service()
  std::size_t workers = 0;                      // threads of the actors; 0: one per core
  /// Threads that help the actors' own, best those that call service() and run the models' I/O:
  /// each function has its thread run a task soon, in order, until the engine is destroyed, which
  /// is not to happen on such a thread.
  std::vector<std::function<void(std::function<void()>)>> lent_threads{};
  std::size_t running_tools_max = 10'000;  // calls of one tool at once
  log_ptr log = quiet_log();               // of what the engine has to tell its operator
};

/// All functions may be called from any thread, except those of the engine and of its providers;
/// those that are not of `service()` block until the answer is there, at most 10 s.
///
/// An exception inside the engine, which is a defect of it, ends the process with status 1 and a
/// line on stderr: a new process goes on from the store. One that `start` of a model or a tool
/// throws ends that call only.
class engine {
public:
  /// Starts all threads; runs that an earlier process left unfinished in the store go on. Fails
  /// with validation_error (two tools of one name, a tier without models, data files missing).
  [[nodiscard]] static result<std::unique_ptr<engine>> make(engine_parts parts,
                                                            engine_options options = {});

  /// Stops: cancels the calls under way and joins all threads. Runs that are not finished stay
  /// unfinished in the journal.
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Adds a persona from its YAML document. Fails with validation_error.
  [[nodiscard]] result<persona_id> add_persona(std::string yaml);

  /// Makes the persona with this id say what its file says now, and stores it when there is none.
  /// Fails with validation_error, journal_unavailable.
  [[nodiscard]] result<kept_persona> keep_persona(const persona_id& id, const owner_id& owner,
                                                  std::string yaml);

  /// Returns once acceptance is durable. Fails as backend::start_run.
  [[nodiscard]] result<run_id> start(run_request request);

  /// Calls `each` for every event from `from` on, in order, on the calling thread, until the run
  /// has finished; returns its status. `each` returns false to stop watching. Fails with
  /// run_not_found, journal_unavailable.
  using on_event = std::function<bool(const run_event&)>;
  [[nodiscard]] result<run_status> follow(const run_id& run, event_seq from, const on_event& each);

  /// RunStatus as JSON.
  [[nodiscard]] result<std::string> show(const run_id& run);
  [[nodiscard]] result<void> answer(const run_id& run, std::string text);
  /// Returns once the cancellation is durable. Fails with run_not_found, run_not_active.
  [[nodiscard]] result<void> cancel(const run_id& run, std::string reason = {});

  /// From here on these are the tiers, instead of those it was made with: for every model call that
  /// begins later, of runs that are under way too. Calls in flight end as they began. Fails with
  /// validation_error (a tier without models): nothing is changed then. One caller at a time.
  [[nodiscard]] result<void> use_tiers(const std::vector<engine_tier>& tiers);

  /// No new runs and no further steps; returns when no step is in flight, at the latest after
  /// `limit`. True: none was left.
  bool drain(std::chrono::milliseconds limit);

  /// The same engine without blocking, for servers.
  [[nodiscard]] backend& service();

private:
  struct impl;
  explicit engine(std::unique_ptr<impl> made);
  std::unique_ptr<impl> impl_;
};

}  // namespace persona_runtime
