#include "actors/model_actor.hpp"

#include "messages/house_rules.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

using model_self = model_actor::stateful_pointer<model_life>;

/// Providers report failures and do not throw; one that does has failed this call, not the others.
std::unique_ptr<pending_call> start_at(chat_provider& provider, chat_request request,
                                       const chat_provider::on_done& done) {
  try {
    return provider.start(std::move(request), done);
  } catch (...) {
    auto error = model_error{};
    error.detail = "the provider has a defect: " + text_of(std::current_exception());
    done(std::move(error));
    return std::make_unique<ended_call>();
  }
}

void send_call(model_self self, call_order& order, model_life::asker from) {
  auto& life = self->state;
  const auto call = order.what.call;
  ++life.deps.counters->model_calls;
  ++life.deps.counters->model_calls_open;
  auto done = [to = model_actor{self}, call](model_result<model_reply> reply) {
    if (reply)
      caf::anon_send(to, provider_replied{call, std::move(*reply)});
    else
      caf::anon_send(to, provider_failed{call, reply.error()});
  };
  if (order.provider->has_limits()) {
    order.request.on_limits = [to = model_actor{self}, call](const rate_report& said) {
      caf::anon_send(to, provider_heard{call, said});
    };
  } else {
    life.gate.heard(call, {}, life.deps.now());  // nothing will be
  }
  if (order.on_sent)
    order.on_sent();
  auto under_way = start_at(*order.provider, std::move(order.request), done);
  life.calls.admit({call, {}}, {std::move(from), order.what.model}, std::move(under_way));
}

void tick_soon(model_self self, instant now) {
  auto& life = self->state;
  const auto due = life.gate.wake_at(now);
  if (!due || (life.tick_at && *life.tick_at <= *due))
    return;
  life.tick_at = due;
  const auto wait = std::max<std::int64_t>(1, due->value - now.value);
  self->delayed_send(self, std::chrono::milliseconds{wait}, call_tick{});
}

void tell_change(model_life& life, const std::string& model, breaker_state before,
                 breaker_state now) {
  const auto is_up = now == breaker_state::closed;
  if (is_up == (before == breaker_state::closed))
    return;
  ++(is_up ? life.deps.counters->models_closed : life.deps.counters->models_opened);
  life.deps.log->write(log_level::warning, "models",
                       is_up ? "model answers again" : "model is left alone",
                       {{"provider", life.deps.name}, {"model", model}});
}

/// `closed_until` is written only when it has changed: in between it belongs to those who claim a
/// probe.
void show(model_life& life, instant now) {
  for (auto& [model, shown] : life.signals) {
    const auto seen = life.gate.look(model, now);
    const auto before = std::exchange(shown.last, seen);
    if (seen == before)
      continue;
    shown.signal->show(seen.state, seen.waiting);
    if (seen.closed_until != before.closed_until)
      shown.signal->close_until(seen.closed_until);
    tell_change(life, model, before.state, seen.state);
  }
}

/// What has changed may let others start.
void go_on(model_self self) {
  auto& life = self->state;
  const auto now = life.deps.now();
  for (const auto& call : life.gate.next(now)) {
    auto next = life.waiting.extract(call);
    send_call(self, *next.mapped().order, std::move(next.mapped().from));
  }
  show(life, now);
  tick_soon(self, now);
}

void refuse(model_self self, const std::vector<gate_refusal>& refused) {
  for (const auto& each : refused) {
    const auto gone = self->state.waiting.extract(each.call);
    self->send(gone.mapped().from, provider_failed{each.call, each.error});
  }
}

void on_place(model_self self, const place_call& msg) {
  auto& life = self->state;
  auto& order = *msg.order;
  auto from = caf::actor_cast<model_life::asker>(self->current_sender());
  life.signals.try_emplace(order.what.model, model_life::shown{order.signal, {}});
  const auto now = life.deps.now();
  const auto answer = life.gate.enter(order.what, now);
  if (!answer)
    self->send(from, provider_failed{order.what.call, answer.error()});
  else if (*answer == gate_answer::start)
    send_call(self, order, std::move(from));
  else
    life.waiting.insert_or_assign(order.what.call, model_life::placed{msg.order, std::move(from)});
  go_on(self);
}

void on_cancel(model_self self, const cancel_calls& msg) {
  auto& life = self->state;
  for (const auto& [key, call] : life.calls.cancel(msg.run, msg.life)) {
    --life.deps.counters->model_calls_open;
    life.gate.abandoned(key.call);
  }
  life.gate.cancel(msg.run, msg.life);
  auto i = life.waiting.lower_bound({msg.run, {}, {}, {}});
  while (i != life.waiting.end() && i->first.run == msg.run && i->first.life <= msg.life)
    i = life.waiting.erase(i);
  go_on(self);
}

void on_cancel_call(model_self self, const cancel_call& msg) {
  auto& life = self->state;
  if (life.calls.abort({msg.call, {}})) {
    --life.deps.counters->model_calls_open;
    life.gate.abandoned(msg.call);
  } else if (life.waiting.erase(msg.call) > 0) {
    life.gate.cancel(msg.call);
  }
  go_on(self);
}

void on_replied(model_self self, provider_replied& msg) {
  auto& life = self->state;
  const auto call = life.calls.take({msg.call, {}});
  if (!call)
    return;
  --life.deps.counters->model_calls_open;
  life.gate.succeeded(msg.call, life.deps.now());
  self->send(call->from, std::move(msg));
  go_on(self);
}

void on_failed(model_self self, const provider_failed& msg) {
  auto& life = self->state;
  const auto call = life.calls.take({msg.call, {}});
  if (!call)
    return;
  --life.deps.counters->model_calls_open;
  const auto now = life.deps.now();
  const auto refused = life.gate.failed(msg.call, msg.error, now);
  show(life, now);  // before the tier looks where to go on
  refuse(self, refused);
  self->send(call->from, msg);
  go_on(self);
}

}  // namespace

model_actor::behavior_type model_behavior(model_self self, model_deps deps) {
  follow_house_rules(self);
  self->state.gate = call_gate{deps.limits};
  self->state.deps = std::move(deps);
  return {
    [self](const place_call& msg) { on_place(self, msg); },
    [self](const cancel_calls& msg) { on_cancel(self, msg); },
    [self](const cancel_call& msg) { on_cancel_call(self, msg); },
    [self](provider_replied& msg) { on_replied(self, msg); },
    [self](const provider_failed& msg) { on_failed(self, msg); },
    [self](const provider_heard& msg) {
      self->state.gate.heard(msg.call, msg.said, self->state.deps.now());
      go_on(self);
    },
    [self](const reopen_models&) {
      self->state.gate.reopen();
      go_on(self);
    },
    [self](const call_tick&) {
      self->state.tick_at.reset();
      go_on(self);
    },
  };
}

}  // namespace persona_runtime
