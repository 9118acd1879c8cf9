#pragma once
#include "actors/call_race.hpp"
#include "actors/engine_counters.hpp"
#include "actors/live_text.hpp"
#include "actors/model_account.hpp"
#include "actors/model_meter.hpp"
#include "domain/log_sink.hpp"
#include "domain/tier/hedge.hpp"
#include "domain/tier/walk.hpp"
#include "messages/call_messages.hpp"
#include "providers/chat/chat_provider.hpp"

#include <caf/stateful_actor.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace persona_runtime {

/// What a tier consists of. Immutable; swapped as a whole.
struct tier_models : stays_here {
  tier_entry tier;                   // what the members are, as the rules see them
  std::vector<tier_member> members;  // in the tier's order
  std::vector<std::shared_ptr<model_account>> accounts;  // of the members, in their order
  std::vector<std::shared_ptr<model_signal>> signals;    // likewise
  bool hedges = false;  // a second member is asked beside one that does not begin to answer
};

/// With accounts of `from`.
[[nodiscard]] std::shared_ptr<const tier_models> make_tier_models(tier_entry tier,
                                                                  std::vector<tier_member> members,
                                                                  model_accounts& from,
                                                                  bool hedges = false);

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

/// What a call that may be hedged has beside its first attempt.
struct hedged_call {
  struct second_attempt {
    walk_position walk;
    model_actor at;
  };
  std::shared_ptr<const model_call> what;
  live_registry::channel_ptr where;  // both write here; the race lets one of them
  live_text_ptr text;
  call_race_ptr race;
  std::chrono::milliseconds usual{0};        // to the first piece of the first attempt's answer
  std::optional<instant> look_at;            // when to see whether it has begun
  std::optional<std::uint32_t> wanted;       // the member that a reservation was asked for
  std::optional<second_attempt> second;      // once it is placed
  std::array<bool, 2> is_open{true, false};  // by lane
  std::array<bool, 2> is_given_up{false, false};  // by lane: cancelled by us
  std::optional<lost_call> lost;                  // what the one that is over said of its cost
};

struct tier_life : stays_here {
  struct call {
    model_caller asker;
    std::shared_ptr<const tier_models> models;  // that it began under
    walk_position walk;
    member_order order;
    std::uint64_t prompt_estimate = 0;
    model_actor at;
    std::shared_ptr<hedged_call> hedge;  // null: it may not be hedged
  };
  struct waiting {
    call_model what;
    model_caller asker;
  };
  static inline const char* name = "tier";
  tier_deps deps;
  std::map<identity, call> calls;                // bounded by the live runs: one call each
  std::multimap<instant, waiting> delayed;       // likewise
  std::set<std::pair<instant, identity>> looks;  // at calls that may be hedged; likewise
  hedge_budget hedges;
  /// Model actors that are looked after, and the accounts that they are the actors of. Each until
  /// it has ended.
  std::vector<std::pair<model_actor, std::weak_ptr<model_account>>> watched;
  bool ticking = false;
};

/// Has the models of one tier called, one attempt at a time, and says what to do about a failure.
/// When hedging is on, a call whose first piece is late gets a second attempt at the next member
/// beside the first; who begins first is heard, the other one is cancelled at once and its cost
/// told with the answer.
///
/// Spawned by: bootstrap, one per tier.
/// Thread:     CAF pool; never blocks.
/// Sends:      place_call, cancel_call and cancel_calls to the model actors of its members;
///             model_replied or model_failed to whoever asked, and before it at most one
///             hedge_wanted; call_tick to itself while something waits for its time.
/// Dies:       on an exit message. A model actor that dies fails the calls that are placed there,
///             and another takes its place.
tier_actor::behavior_type tier_behavior(tier_actor::stateful_pointer<tier_life> self,
                                        tier_deps deps);

}  // namespace persona_runtime
