#pragma once
#include "actors/completion_actor.hpp"
#include "actors/known_personas.hpp"
#include "domain/conversation/kept_rounds.hpp"

#include <map>
#include <unordered_map>

namespace persona_runtime {

struct completion_limits {
  std::size_t under_way_max = 2'000;
  std::size_t per_owner_max = 200;
  std::chrono::milliseconds longest{1'800'000};  // a completion that takes longer is given up
  kept_rounds_limits kept{};
};

struct completions_deps {
  completion_limits limits;
  std::function<instant()> now;
  conversation_services_ptr services;
  persona_epoch_ptr epoch{};  // null: personas are read for each
};

struct completion_seat {
  completion_actor actor;  // null: its persona is being read
  completion_job_ptr job;
  instant deadline;
  bool told_deadline = false;
};

struct completions_life : stays_here {
  static inline const char* name = "completions";
  completions_deps deps;
  known_personas personas;
  std::unordered_map<std::string, completion_seat> seats;  // by id
  std::unordered_map<caf::actor_id, std::string> by_actor;
  std::map<std::string, std::size_t> by_owner;  // how many are under way
  kept_rounds kept;
  bool draining = false;
  std::vector<caf::typed_response_promise<done>> drained;
};

/// Admits completions, ends those that take too long, and keeps for the next request what its
/// client does not see.
///
/// Spawned by: bootstrap, one per node.
/// Thread:     CAF pool; never blocks.
/// Sends:      sweep to itself once a second, for the deadlines; fetch_persona to the archive, once
///             until a persona changes: 8 s at most.
/// Dies:       on an exit message; listeners are told. Its crash is one of a service. The crash of
///             a completion ends that one: its listener is told, its calls are cancelled.
completions_actor::behavior_type
completions_behavior(completions_actor::stateful_pointer<completions_life> self,
                     completions_deps deps);

}  // namespace persona_runtime
