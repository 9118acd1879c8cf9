#pragma once
// What the actors that reach the outside are asked. They get their own replies back from the
// provider's thread as messages, and pass them on unless the call was cancelled meanwhile.

#include "domain/tier/rate_report.hpp"
#include "messages/run_messages.hpp"

namespace persona_runtime {

/// What a provider answered, on its way back to whoever asked for the attempt.
///
/// From:    the provider's callback, once per call; then the model actor that sent the call.
/// To:      the model actor, then the tier; each drops it when the call was cancelled.
struct provider_replied {
  identity call;
  model_reply reply;
};
struct provider_failed {
  identity call;
  model_error error;
};

/// The head of a provider's answer has come, with what it says of the key's limits.
///
/// From:    the provider's thread, at most once per call.
/// To:      the model actor that sent the call.
struct provider_heard {
  identity call;
  rate_report said;
};

/// The first piece of an answer has come to a call that is hedged: whoever was asked beside it has
/// lost.
///
/// From:    the provider's thread, at most once per call.
/// To:      the tier.
struct call_spoke {
  identity call;  // of the attempt, as it was placed
};

/// Ends one attempt, which says nothing about its model. Send it with send_urgent.
///
/// From:    the tier.
/// To:      the model actor where it was placed. One that is over is passed over.
struct cancel_call {
  identity call;
};

/// The configuration was read again: keys that were refused may be tried again.
///
/// From:    bootstrap, after it has swapped the tables.
/// To:      every model actor.
struct reopen_models {};

/// The actor's own tick, while something waits for its time: a delayed call, a time limit.
struct call_tick {};

template <>
inline constexpr std::size_t declared_fields<rate_window> = 3;

/// Whoever may ask: a run, or a conversation.
using model_caller = interface<takes<model_replied>, takes<model_failed>, takes<hedge_wanted>>;
using tool_caller = interface<takes<tool_replied>>;

struct tier_models;  // actors/tier_actor.hpp

/// Tells what the tier consists of from here on: the configuration was read again. Local: it never
/// leaves the process. High priority, so that no call for the new models overtakes it.
///
/// From:    bootstrap.
/// To:      the tier. Calls under way end at the models that they began at.
struct use_models {
  std::shared_ptr<const tier_models> models;
};

}  // namespace persona_runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(persona_runtime::use_models)

namespace persona_runtime {

using tier_actor =
  interface<takes<call_model>, takes<start_hedge>, takes<cancel_calls>, takes<provider_replied>,
            takes<provider_failed>, takes<call_spoke>, takes<use_models>, takes<call_tick>>;

using tool_executor_actor =
  interface<takes<call_tool>, takes<cancel_calls>, takes<tool_replied>, takes<call_tick>>;

}  // namespace persona_runtime
