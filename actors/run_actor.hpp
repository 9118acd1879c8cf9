#pragma once
#include "actors/memory_asker.hpp"
#include "actors/pending_append.hpp"
#include "actors/tier_board.hpp"
#include "domain/budget/usage_meter.hpp"
#include "domain/run/view.hpp"
#include "messages/archive_messages.hpp"
#include "messages/call_messages.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>

namespace persona_runtime {

/// What all runs of a node share. Immutable.
struct run_services {
  supervisor_actor supervisor;
  journal_actor journal;
  std::map<std::string, tier_actor> tiers;           // by the name of the tier that serves
  std::map<std::string, tool_executor_actor> tools;  // by tool name
  run_rules rules;
  tier_board_ptr board;                            // null: the tiers stay what they are
  memory_asker recall;                             // empty: nothing is remembered
  late_recalls_actor late;                         // there if `recall` is
  std::function<instant()> now;                    // UTC
  std::function<void(const run_id&)> forget_live;  // the run's live text is over
};
using run_services_ptr = std::shared_ptr<const run_services>;

/// `state` runs ahead of the journal; effects wait in `waiting` until it has caught up.
struct run_life : stays_here {
  struct waiting_effects {
    std::uint64_t pos;  // carried out when everything before it is durable
    std::vector<effect> effects;
  };
  static inline const char* name = "run";
  run_services_ptr services;
  run_state state;
  run_view view;  // without steps: what lists show of this run
  usage_meter meter;
  pending_append pending;
  bool status_changed = false;  // by what is pending
  std::uint64_t committed = 0;
  std::vector<waiting_effects> waiting;  // bounded: a run has one step under way
};

/// One incarnation of a run, from the replay of its journal to its terminal record.
///
/// Spawned by: supervisor, which passes everything as arguments: a first message could be
///             overtaken by a cancel.
/// Thread:     CAF pool; never blocks.
/// Sends:      what `decide` says, after the commit of the records that go with it.
/// Dies:       after run_ended, and when the store refuses its appends (it has a successor). A
///             crash is the supervisor's to answer.
run_actor::behavior_type run_behavior(run_actor::stateful_pointer<run_life> self,
                                      run_services_ptr services, begin how, loaded_run past);

/// The state, the summary and the open attempt that a journal describes. Fails with
/// internal_error.
[[nodiscard]] result<void> replay(const loaded_run& past, run_state& state, run_view& view,
                                  usage_meter& meter);

/// The run's row as lists show it.
[[nodiscard]] run_row row_of(const run_state& state, const run_view& view);

}  // namespace persona_runtime
