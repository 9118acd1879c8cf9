#pragma once
// Which actor knows which: the whole graph in one function, built by hand.

#include "actors/archive_actor.hpp"
#include "actors/completions_actor.hpp"
#include "actors/conversations_actor.hpp"
#include "actors/journal_actor.hpp"
#include "actors/late_recalls_actor.hpp"
#include "actors/memory_actor.hpp"
#include "actors/model_account.hpp"
#include "actors/service_guard.hpp"
#include "actors/stream_actor.hpp"
#include "actors/supervisor_actor.hpp"
#include "actors/tier_actor.hpp"
#include "actors/tool_executor_actor.hpp"
#include "api/edge/edge_actor.hpp"
#include "bootstrap/engine/chat_setups.hpp"
#include "domain/text/tokenizer.hpp"
#include "providers/tools/memory_keeper.hpp"
#include "providers/turn_log_writer.hpp"

#include <caf/actor_system.hpp>

#include <map>

namespace persona_runtime {

struct wiring_tier {
  std::string name;
  std::vector<tier_member> members;         // at least one
  std::optional<tier_metadata> metadata{};  // none: routing knows nothing about it
  bool hedges = false;                      // routing.hedging
};

struct wiring_parts {
  std::vector<wiring_tier> tiers;
  std::vector<std::shared_ptr<tool_body>> tools;
  std::shared_ptr<journal_store> store;
  tokenizer_ptr counter;
  persona_rules personas;
  std::shared_ptr<const chat_parts> chat;      // null: no conversations
  std::shared_ptr<embedder> embeds{};          // null: the embedded one, which needs no model
  std::shared_ptr<late_memory_keeper> link{};  // connected to the memory actors; null: no tool asks
  std::shared_ptr<turn_log_writer> turn_logs{};  // null: turns are logged in the store only
};

struct wiring_options {
  bool own_threads = true;  // false under virtual time, where nothing may be detached
  std::size_t edges = 1;    // one per I/O thread
  std::size_t streams = 2;
  std::size_t memories = 0;  // memory actors, by persona; 0: nothing is recalled
  std::size_t memory_index_bytes_max = std::size_t{512} << 20;  // of all of them together
  std::size_t running_tools_max = 10'000;                       // calls of one tool at once
  supervisor_limits supervisor;
  conversation_limits conversations;
  completion_limits completions;
  history_rules history;
  std::chrono::milliseconds recall_timeout{2'000};
  conversation_spawner spawn_conversation;  // empty: spawns conversation_behavior
  stream_limits stream;
  walk_limits walk;
  gate_limits gate;
  std::uint32_t parallel_tools_max = 8;
  std::size_t floor = 2;  // messages that compaction keeps in front (D-6)
  std::function<instant()> now;
  std::function<double()> chance;
  std::function<std::string()> new_nonce;  // of envelopes; empty: from the system's random source
  std::function<std::string(const owner_id&, const persona_id&)> workspace_of;
  run_spawner spawn_run;      // empty: spawns run_behavior
  on_service_crash on_crash;  // from here on nothing can be trusted to end
  log_ptr log = quiet_log();
};

struct wiring {
  journal_actor journal;
  archive_actor archive;
  std::vector<stream_actor> streams;
  late_recalls_actor late;
  std::vector<memory_actor> memories;       // that of a persona: memory_shard
  std::map<std::string, tier_actor> tiers;  // those that there are, and those that may come
  std::vector<tool_executor_actor> tools;
  supervisor_actor supervisor;
  conversations_actor conversations;
  completions_actor completions;
  std::vector<edge_actor> edges;
  caf::actor guard;  // of all that stand above
  std::shared_ptr<model_accounts> accounts;
  tier_board_ptr board;
  std::shared_ptr<health_board> health;
  std::shared_ptr<live_registry> live;
  std::shared_ptr<engine_counters> counters;
  std::shared_ptr<routing_log> routing;
  std::shared_ptr<model_meter> meter;
  spending_ptr caps;
  persona_epoch_ptr epoch;
  usage_inbox_ptr usage;
  filled_scopes_ptr filled;

  /// From here on these are the tiers: every call that begins later is one of them. Those under
  /// way go on as they are. Models whose account is named again keep what is known of it, except
  /// that refused keys may be tried again. Any thread, one at a time.
  void use_tiers(const std::vector<wiring_tier>& next) const;

  /// Ends all actors, those who ask before those who answer. Returns at once.
  void stop() const;
};

[[nodiscard]] wiring wire(caf::actor_system& sys, const wiring_parts& parts,
                          const wiring_options& options);

/// Spawns runs in `sys`, which must outlive the result.
[[nodiscard]] run_spawner spawn_runs_in(caf::actor_system& sys);

/// What runs go by, with this tokenizer and these tiers.
[[nodiscard]] run_rules make_run_rules(const tokenizer_ptr& counter, tier_snapshot tiers);

}  // namespace persona_runtime
