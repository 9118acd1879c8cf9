#pragma once
// Shared by the files that make up the tier actor; nobody else needs it.

#include "actors/tier_actor.hpp"

namespace persona_runtime::tiering {

using tier_self = tier_actor::stateful_pointer<tier_life>;

/// One attempt at a call, about to be placed.
struct attempt {
  identity call;
  std::size_t member = 0;
  std::uint32_t reply_tokens_max = 0;
  bool may_wait = true;  // behind a model that is left alone
  std::shared_ptr<text_sink> sink;
  std::function<void()> on_sent;  // empty: nobody asks
};

/// Hands it to the model actor of that member. `prompt`: tokens.
model_actor place(tier_self self, const tier_models& models, const model_call& what,
                  std::uint64_t prompt, attempt wish);

/// Where an attempt's text goes; a chat's asker is told itself that there is more of it.
[[nodiscard]] std::shared_ptr<text_sink> live_sink_for(const tier_life& life,
                                                       live_registry::channel_ptr where,
                                                       live_text_ptr text, const model_call& what,
                                                       const model_caller& asker);

/// Says whether a member has a chance now, without becoming the one who probes it. `models` must
/// outlive it.
[[nodiscard]] member_health looks_up(const tier_models& models, instant now);

/// Something waits for its time.
void tick_soon(tier_self self);

/// Counts the call, and lets it be hedged if another member could be asked: `wish` is its first
/// attempt, whose text goes to `text` at `where`.
void may_be_hedged(tier_self self, const call_model& msg, live_registry::channel_ptr where,
                   live_text_ptr text, tier_life::call& own, attempt& wish);

/// Has callers reserve a hedge for those whose first piece is late.
void look_at_late(tier_self self);
/// Nobody looks at `own` any more: it is over.
void forget_look(tier_life& life, const identity& call, const tier_life::call& own);

void on_start_hedge(tier_self self, const start_hedge& msg);
void on_spoke(tier_self self, const call_spoke& msg);

/// Where the attempt stands that was placed under this name.
[[nodiscard]] const walk_position& walk_of(const tier_life::call& own, const identity& placed);

/// Whether this answer counts. If so, the other attempt is given up; else its cost is kept.
[[nodiscard]] bool counts(tier_self self, const provider_replied& msg, tier_life::call& own);
/// Whether that attempt has failed before, or was cancelled because the other one counts.
[[nodiscard]] bool is_over(const tier_life::call& own, const identity& placed);
/// Whether another attempt goes on in spite of this failure, whose cost is kept.
[[nodiscard]] bool goes_on_beside(tier_self self, const provider_failed& msg, tier_life::call& own);

/// What is known of the attempt that did not count when the call ends with `placed`; none: there
/// was none, or it was never sent.
[[nodiscard]] std::optional<lost_call> lost_beside(const tier_life::call& own,
                                                   const identity& placed);

/// What a failed attempt cost: whoever had begun to answer has read the prompt, and nobody says
/// what the answer cost.
[[nodiscard]] token_usage usage_of(const tier_life::call& own, const model_error& error);

}  // namespace persona_runtime::tiering
