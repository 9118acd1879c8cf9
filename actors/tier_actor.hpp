#pragma once
#include "actors/engine_counters.hpp"
#include "actors/live_text.hpp"
#include "actors/model_account.hpp"
#include "actors/model_meter.hpp"
#include "domain/log_sink.hpp"
#include "domain/tier/walk.hpp"
#include "messages/call_messages.hpp"
#include "providers/chat/chat_provider.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace persona_runtime {

/// What a tier consists of. Immutable; swapped as a whole.
struct tier_models : stays_here {
  tier_entry tier;                   // what the members are, as the rules see them
  std::vector<tier_member> members;  // in the tier's order
  std::vector<std::shared_ptr<model_account>> accounts;  // of the members, in their order
  std::vector<std::shared_ptr<model_signal>> signals;    // likewise
};

/// With accounts of `from`.
[[nodiscard]] std::shared_ptr<const tier_models>
make_tier_models(tier_entry tier, std::vector<tier_member> members, model_accounts& from);

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
    member_order order;
    std::uint64_t prompt_estimate = 0;
    model_actor at;
  };
  struct waiting {
    call_model what;
    model_caller asker;
  };
  static inline const char* name = "tier";
  tier_deps deps;
  std::map<identity, call> calls;           // bounded by the live runs: one call each
  std::multimap<instant, waiting> delayed;  // likewise
  /// Model actors that are looked after, and the accounts that they are the actors of. Each until
  /// it has ended.
  std::vector<std::pair<model_actor, std::weak_ptr<model_account>>> watched;
  bool ticking = false;
};

/// Has the models of one tier called, one attempt at a time, and says what to do about a failure.
///
/// Spawned by: bootstrap, one per tier.
/// Thread:     CAF pool; never blocks.
/// Sends:      place_call and cancel_calls to the model actors of its members; model_replied or
///             model_failed to whoever asked; call_tick to itself while a delayed attempt waits.
/// Dies:       on an exit message. A model actor that dies fails the calls that are placed there,
///             and another takes its place.
tier_actor::behavior_type tier_behavior(tier_actor::stateful_pointer<tier_life> self,
                                        tier_deps deps);

}  // namespace persona_runtime
