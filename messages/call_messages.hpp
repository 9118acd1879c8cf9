#pragma once
// What the actors that reach the outside are asked. They get their own replies back from the
// provider's thread as messages, and pass them on unless the call was cancelled meanwhile.

#include "messages/run_messages.hpp"

namespace persona_runtime {

/// What a provider answered, on its way back to the tier that asked it.
///
/// From:    the provider's callback, once per call.
/// To:      the tier, which drops it when the call was cancelled.
struct provider_replied {
  identity call;
  model_reply reply;
};
struct provider_failed {
  identity call;
  model_error error;
};

/// The actor's own tick, while something waits for its time: a delayed call, a time limit.
struct call_tick {};

/// Whoever may ask: a run, or a conversation.
using model_caller = interface<takes<model_replied>, takes<model_failed>>;
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

using tier_actor = interface<takes<call_model>, takes<cancel_calls>, takes<provider_replied>,
                             takes<provider_failed>, takes<use_models>, takes<call_tick>>;

using tool_executor_actor =
  interface<takes<call_tool>, takes<cancel_calls>, takes<tool_replied>, takes<call_tick>>;

}  // namespace persona_runtime
