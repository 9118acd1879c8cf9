#pragma once
#include "actors/engine_counters.hpp"
#include "actors/filled_scopes.hpp"
#include "actors/spending.hpp"
#include "actors/usage_inbox.hpp"
#include "domain/log_sink.hpp"
#include "messages/journal_messages.hpp"
#include "messages/persona_epoch.hpp"
#include "providers/store/journal_store.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <memory>

namespace persona_runtime {

struct journal_life : stays_here {
  static inline const char* name = "journal";
  std::shared_ptr<journal_store> store;
  std::shared_ptr<engine_counters> counters;
  log_ptr log;
  spending_ptr books;
  persona_epoch_ptr epoch;
  usage_inbox_ptr usage;
  filled_scopes_ptr filled;  // null: nobody asks
  std::vector<interface<takes<publish_events>>> followers;
  std::vector<interface<takes<journal_changed>>> watchers;
  std::vector<interface<takes<memory_changed>, takes<vectors_kept>>> rememberers;
  std::vector<journal_append> batch;    // bounded: each live run has few appends under way
  std::vector<journal_writer> writers;  // of the batch, in its order; null where `tries` has one
  std::vector<caf::typed_response_promise<done>> tries;  // likewise
  std::vector<caf::typed_response_promise<done>> settling;
  bool available = true;
  bool flush_due = false;
  bool usage_due = false;
};

/// The only writer of the store. Gathers what arrives while it commits into the next commit.
///
/// Spawned by: bootstrap, one per store, detached: the store blocks.
/// Thread:     its own.
/// Sends:      flush to itself: at once to group appends, after 1 s to retry a failed commit;
///             flush_usage after 100 ms.
/// Dies:       on an exit message, after a last commit.
journal_actor::behavior_type
journal_behavior(journal_actor::stateful_pointer<journal_life> self,
                 std::shared_ptr<journal_store> store, std::shared_ptr<engine_counters> counters,
                 log_ptr log = quiet_log(), spending_ptr books = nullptr,
                 persona_epoch_ptr epoch = nullptr, usage_inbox_ptr usage = nullptr,
                 filled_scopes_ptr filled = nullptr);

}  // namespace persona_runtime
