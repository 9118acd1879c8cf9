#pragma once
#include "actors/conversation_actor.hpp"
#include "actors/engine_counters.hpp"
#include "domain/budget/ledger.hpp"

#include <deque>
#include <set>
#include <unordered_map>

namespace persona_runtime {

using conversation_spawner =
  std::function<conversation_actor(conversation_services_ptr, conversation_id, resume_reason)>;

struct conversation_limits {
  std::size_t open_max = 20'000;   // actors
  std::size_t turns_max = 10'000;  // under way at once
  std::chrono::milliseconds idle{120'000};
  std::size_t crashes_max = 3;  // this many within crash_window close a conversation for that long
  std::chrono::milliseconds crash_window{60'000};
};

struct conversations_deps {
  conversation_limits limits;
  std::function<instant()> now;
  journal_actor journal;
  archive_actor archive;
  /// Makes what the conversations share, given their keeper itself.
  std::function<conversation_services_ptr(const conversations_actor&)> make_services;
  conversation_spawner spawn;  // empty: spawns conversation_behavior
};

/// What is held for one open conversation.
struct conversation_seat {
  conversation_actor actor;
  bool busy = true;  // it loads, or has a turn under way
  run_id turn;       // under way or about to be; empty: none
  std::optional<instant> deadline;
  instant used_at;
};

struct conversations_life : stays_here {
  static inline const char* name = "conversations";
  conversations_deps deps;
  conversation_services_ptr services;
  ledger budgets;  // of the turns under way
  std::unordered_map<std::string, conversation_seat> seats;
  std::unordered_map<caf::actor_id, std::string> by_actor;
  std::unordered_map<std::string, std::string> by_turn;  // turn -> conversation
  std::set<std::pair<instant, std::string>> idle;        // of seats that are not busy
  std::unordered_map<std::string, std::deque<instant>> crashes;
  std::set<std::pair<instant, std::string>> deadlines;  // of turns
  std::size_t turns = 0;
  bool journal_available = true;
  bool draining = false;
  std::optional<std::uint64_t> old_turns_after;  // the page that could not be read
  std::vector<caf::typed_response_promise<done>> drained;
};

/// Opens conversations on demand, admits and grants their turns, ends the turns that earlier
/// processes left, and sends idle actors away.
///
/// Spawned by: bootstrap, one per node.
/// Thread:     CAF pool; never blocks.
/// Sends:      sweep to itself every 100 ms: the only timer for all deadlines.
/// Dies:       on an exit message. Its crash is one of a service (actors/service_guard.hpp).
conversations_actor::behavior_type
conversations_behavior(conversations_actor::stateful_pointer<conversations_life> self,
                       conversations_deps deps);

}  // namespace persona_runtime
