#pragma once
#include "messages/run_messages.hpp"

#include <caf/stateful_actor.hpp>

#include <chrono>
#include <deque>
#include <functional>

namespace persona_runtime {

struct late_recalls_life : stays_here {
  struct waiting {
    instant due;
    caf::weak_actor_ptr who;
    identity call;
  };
  static inline const char* name = "late recalls";
  std::chrono::milliseconds patience{2'000};
  std::function<instant()> now;
  std::deque<waiting> line;  // in the order in which they are due
  bool ticking = false;
};

/// Tells whoever asks memory when it has waited long enough, up to 100 ms late. One timer serves
/// all: a time limit of CAF's own would wake its clock's thread for every recall, and hardly any
/// is late.
///
/// Spawned by: bootstrap, one per node.
/// Thread:     CAF pool; never blocks.
/// Sends:      recall_is_late; call_tick to itself while somebody waits.
/// Dies:       on an exit message. Its crash is one of a service (actors/service_guard.hpp).
late_recalls_actor::behavior_type
late_recalls_behavior(late_recalls_actor::stateful_pointer<late_recalls_life> self,
                      std::chrono::milliseconds patience, std::function<instant()> now);

}  // namespace persona_runtime
