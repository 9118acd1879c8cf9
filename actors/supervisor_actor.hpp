#pragma once
#include "actors/engine_counters.hpp"
#include "actors/run_actor.hpp"
#include "actors/spending.hpp"
#include "actors/supervisor_state.hpp"
#include "domain/log_sink.hpp"

#include <unordered_set>

namespace persona_runtime {

using run_spawner = std::function<run_actor(run_services_ptr, begin, loaded_run)>;

struct supervisor_deps {
  supervisor_limits limits;
  std::function<instant()> now;
  journal_actor journal;
  archive_actor archive;
  /// Makes what the runs share, given the supervisor itself.
  std::function<run_services_ptr(const supervisor_actor&)> make_services;
  run_spawner spawn_run;
  std::shared_ptr<engine_counters> counters;
  log_ptr log = quiet_log();
  spending_ptr caps{};  // null: personas have none
};

/// What the supervisor holds for one run, from the request to start it to its last word.
struct run_seat {
  run_actor actor;  // null while acceptance, the queue, a restart or a forced end is under way
  owner_id owner;
  incarnation life;
  bool accepted = false;  // its first append is durable
  bool busy = false;      // a step was granted and has not come to its next durable point
  bool may_restart = true;
  bool reload_failed = false;
  bool overdue = false;             // its deadline has passed
  std::optional<instant> asked_at;  // its open question, when an earlier incarnation asked it
  resume_reason reason = resume_reason::restart;
  loaded_run past;     // until its actor is spawned
  shared_text status;  // for run_accepted
  caf::typed_response_promise<run_accepted> start;
  std::vector<caf::typed_response_promise<run_ended>> cancels;
  std::string cancel_reason;
  std::vector<user_answer> answers;  // that came while its actor was on its way back
  std::optional<run_ended> ending;   // its forced end is on its way to the journal
};

struct supervisor_life : stays_here {
  struct waiting_answer {
    run_id run;
    caf::typed_response_promise<done> promise;
  };
  static inline const char* name = "supervisor";
  supervisor_deps deps;
  supervisor_state rules;
  run_services_ptr services;
  std::unordered_map<std::string, run_seat> seats;
  std::unordered_map<caf::actor_id, run_id> by_actor;
  std::unordered_map<std::uint64_t, waiting_answer> answers;  // by ticket
  std::uint64_t next_ticket = 1;
  std::size_t busy = 0;
  std::optional<std::uint64_t> resume_from;  // the page of unfinished runs that could not be read
  bool reads_pages = false;                  // not all pages of unfinished runs have been read
  std::unordered_set<std::string> unread;    // unfinished runs whose journal is still to be read
  std::vector<caf::typed_response_promise<done>> drained;
};

/// Admits runs, grants their steps, watches their deadlines, restarts those that crash.
///
/// Spawned by: bootstrap, one per node.
/// Thread:     CAF pool; never blocks.
/// Sends:      sweep to itself every 100 ms: the only timer for all deadlines.
/// Dies:       on an exit message; its runs go with it and can be resumed from the journal.
supervisor_actor::behavior_type
supervisor_behavior(supervisor_actor::stateful_pointer<supervisor_life> self, supervisor_deps deps);

}  // namespace persona_runtime
