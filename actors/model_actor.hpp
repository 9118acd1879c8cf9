#pragma once
#include "actors/call_table.hpp"
#include "actors/engine_counters.hpp"
#include "actors/model_signal.hpp"
#include "domain/log_sink.hpp"
#include "domain/tier/call_gate.hpp"
#include "messages/call_messages.hpp"
#include "providers/chat/chat_provider.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace persona_runtime {

/// One attempt, ready to be sent. Whoever places it does not touch it any more.
struct call_order {
  gate_call what;
  std::shared_ptr<chat_provider> provider;
  chat_request request;
  std::shared_ptr<model_signal> signal;
  std::function<void()> on_sent{};  // when it is; quick, does not throw. Empty: nobody asks
};

/// Asks for an attempt to be sent as soon as it may be. Local: it never leaves the process.
///
/// From:    a tier. Send it with send_urgent: its cancel must not overtake it.
/// To:      the model actor of its provider, base URL and key.
/// Answer:  provider_replied or provider_failed, once, unless it is cancelled. A reason of
///          "not_sent" says that the provider has not heard of it.
struct place_call {
  std::shared_ptr<call_order> order;
};

}  // namespace persona_runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(persona_runtime::place_call)

namespace persona_runtime {

/// Cancels come from the tiers, high priority, and end waiting calls too.
using model_actor =
  interface<takes<place_call>, takes<cancel_calls>, takes<cancel_call>, takes<provider_replied>,
            takes<provider_failed>, takes<provider_heard>, takes<reopen_models>, takes<call_tick>>;

struct model_deps {
  std::string name;  // for people: "openai"
  gate_limits limits;
  std::function<instant()> now;
  std::shared_ptr<engine_counters> counters;
  log_ptr log = quiet_log();
};

struct model_life : stays_here {
  using asker = interface<takes<provider_replied>, takes<provider_failed>>;
  struct placed {
    std::shared_ptr<call_order> order;
    asker from;
  };
  struct under_way {
    asker from;
    std::string model;
  };
  static inline const char* name = "model";
  model_deps deps;
  call_gate gate;
  std::map<identity, placed> waiting;  // bounded by the gate
  call_table<under_way> calls;         // bounded by the live runs and turns: one call each
  struct shown {
    std::shared_ptr<model_signal> signal;
    gate_view last{};
  };
  std::map<std::string, shown> signals;  // by model: what everybody sees
  std::optional<instant> tick_at;
};

/// Sends the calls of one provider, base URL and key: leaves models alone that keep failing, holds
/// back what is too much at once, lets owners take turns.
///
/// Spawned by: model_account, one per account.
/// Thread:     CAF pool; never blocks. Providers' callbacks send messages here.
/// Sends:      provider_replied or provider_failed to the tier that placed the call; call_tick to
///             itself while calls wait for a time.
/// Dies:       on an exit message; calls under way are cancelled. When it crashes, tiers fail the
///             calls that they have placed here, and the account spawns another.
model_actor::behavior_type model_behavior(model_actor::stateful_pointer<model_life> self,
                                          model_deps deps);

}  // namespace persona_runtime
