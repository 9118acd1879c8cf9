#pragma once
#include "actors/call_table.hpp"
#include "actors/engine_counters.hpp"
#include "actors/live_text.hpp"
#include "actors/model_meter.hpp"
#include "domain/log_sink.hpp"
#include "domain/tier/walk.hpp"
#include "messages/call_messages.hpp"
#include "providers/chat/chat_provider.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>

namespace persona_runtime {

/// One model of a tier, ready to be called.
struct tier_member {
  model_entry model;
  std::shared_ptr<chat_provider> provider;
  call_timeouts timeouts;
};

/// What a tier consists of. Immutable; swapped as a whole.
struct tier_models : stays_here {
  tier_entry tier;                   // what the members are, as the rules see them
  std::vector<tier_member> members;  // in the tier's order
};

struct tier_deps {
  std::shared_ptr<const tier_models> models;  // may have no members: then nobody calls it
  walk_limits limits;
  std::function<instant()> now;
  std::function<double()> chance;       // uniform in [0, 1)
  std::shared_ptr<live_registry> live;  // null: no live text
  std::shared_ptr<engine_counters> counters;
  std::shared_ptr<model_meter> meter;  // null: nothing is counted by model
  log_ptr log = quiet_log();
};

struct tier_life : stays_here {
  struct call {
    model_caller asker;
    std::shared_ptr<const tier_models> models;  // that it began under
    walk_position walk;
    std::uint64_t prompt_estimate = 0;
  };
  struct waiting {
    call_model what;
    model_caller asker;
  };
  static inline const char* name = "tier";
  tier_deps deps;
  call_table<call> calls;                   // bounded by the live runs: one call each
  std::multimap<instant, waiting> delayed;  // likewise
  bool ticking = false;
};

/// Calls the models of one tier, one attempt at a time, and says what to do about a failure.
///
/// Spawned by: bootstrap, one per tier.
/// Thread:     CAF pool; never blocks. Providers' callbacks send messages here.
/// Sends:      model_replied or model_failed to whoever asked; call_tick to itself while a
///             delayed attempt waits.
/// Dies:       on an exit message; calls under way are cancelled.
tier_actor::behavior_type tier_behavior(tier_actor::stateful_pointer<tier_life> self,
                                        tier_deps deps);

}  // namespace persona_runtime
