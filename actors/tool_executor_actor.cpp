#include "actors/tool_executor_actor.hpp"

#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using tool_self = tool_executor_actor::stateful_pointer<tool_life>;

constexpr auto tool_tick_period = 50ms;

/// The same for every repetition of a call, so that an idempotent tool can tell.
std::string idempotency_key(const call_tool& msg) {
  return msg.call.run.value + '/' + std::to_string(msg.call.step.value) + '/'
         + std::to_string(msg.index.value);
}

tool_replied error_for(const tool_life& life, const call_key& key, std::string text) {
  auto answer = tool_replied{key.call, key.index, {}, {}, {}, false};
  answer.result.content = std::move(text);
  answer.result.is_error = true;
  life.deps.measure(answer, UINT64_MAX);
  return answer;
}

void tick_soon(tool_self self) {
  if (!self->state.deadlines.empty() && !std::exchange(self->state.ticking, true))
    self->delayed_send(self, tool_tick_period, call_tick{});
}

/// Bodies report failures and do not throw; one that does has failed this call, not the tool.
std::unique_ptr<pending_call> start_at(tool_body& body, tool_request request,
                                       const tool_body::on_done& done) {
  try {
    return body.start(std::move(request), done);
  } catch (...) {
    auto failed = tool_result{};
    failed.is_error = true;
    failed.content = body.definition().name + " has a defect: " + text_of(std::current_exception());
    done(std::move(failed));
    return std::make_unique<ended_call>();
  }
}

void on_call(tool_self self, const call_tool& msg) {
  auto& life = self->state;
  auto asker = caf::actor_cast<tool_caller>(self->current_sender());
  const auto key = call_key{msg.call, msg.index};
  ++life.deps.counters->tool_calls;
  if (life.calls.size() >= life.deps.running_max) {
    ++life.deps.counters->tool_errors;
    return self->send(asker,
                      error_for(life, key,
                                "too many calls of this tool are running ("
                                  + std::to_string(life.deps.running_max) + "); try again later"));
  }
  auto done = [to = tool_executor_actor{self}, key, tokens = msg.context_tokens_max,
               measure = life.deps.measure](tool_result r) {
    auto answer = tool_replied{key.call, key.index, std::move(r), {}, {}, false};
    measure(answer, tokens);
    caf::anon_send(to, std::move(answer));
  };
  ++life.deps.counters->tool_calls_open;
  auto request = tool_request{msg.what,
                              msg.call.run,
                              msg.persona,
                              idempotency_key(msg),
                              life.deps.workspace_of(msg.owner, msg.persona),
                              msg.owner,
                              msg.user};
  const auto limit = life.deps.body->definition().timeout;
  const auto deadline = instant{life.deps.now().value + limit.count()};
  life.deadlines.emplace(deadline, key);
  life.calls.admit(key, {std::move(asker), deadline},
                   start_at(*life.deps.body, std::move(request), done));
  tick_soon(self);
}

void forget(tool_life& life, const call_key& key, const tool_life::call& call) {
  life.deadlines.erase({call.deadline, key});
  --life.deps.counters->tool_calls_open;
}

void on_replied(tool_self self, tool_replied& msg) {
  auto& life = self->state;
  const auto key = call_key{msg.call, msg.index};
  const auto call = life.calls.take(key);
  if (!call)
    return;
  forget(life, key, *call);
  life.deps.counters->tool_errors += msg.result.is_error ? 1 : 0;
  self->send(call->asker, std::move(msg));
}

void on_cancel(tool_self self, const cancel_calls& msg) {
  auto& life = self->state;
  for (const auto& [key, call] : life.calls.cancel(msg.run, msg.life))
    forget(life, key, call);
}

void on_tick(tool_self self) {
  auto& life = self->state;
  life.ticking = false;
  const auto now = life.deps.now();
  while (!life.deadlines.empty() && life.deadlines.begin()->first <= now) {
    const auto key = life.deadlines.begin()->second;
    const auto call = life.calls.abort(key);
    forget(life, key, *call);
    ++life.deps.counters->tool_errors;
    const auto& tool = life.deps.body->definition();
    self->send(call->asker,
               error_for(life, key,
                         tool.name + " did not answer within "
                           + std::to_string(tool.timeout.count()) + " ms and was stopped"));
  }
  tick_soon(self);
}

}  // namespace

tool_executor_actor::behavior_type tool_executor_behavior(tool_self self, tool_deps deps) {
  follow_house_rules(self);
  self->state.deps = std::move(deps);
  return {
    [self](const call_tool& msg) { on_call(self, msg); },
    [self](const cancel_calls& msg) { on_cancel(self, msg); },
    [self](tool_replied& msg) { on_replied(self, msg); },
    [self](const call_tick&) { on_tick(self); },
  };
}

}  // namespace persona_runtime
