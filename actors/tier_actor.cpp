#include "actors/tier_actor.hpp"

#include "actors/live_sink.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

using tier_self = tier_actor::stateful_pointer<tier_life>;

constexpr auto tier_tick_period = 20ms;

const tier_member& member_at(const tier_models& models, const walk_position& walk) {
  return models.members.at(std::min<std::size_t>(walk.member, models.members.size() - 1));
}

std::shared_ptr<text_sink> sink_for(const tier_life& life, const call_model& msg) {
  if (!life.deps.live || msg.what->kind != call_kind::step)
    return nullptr;
  const auto where = life.deps.live->open(msg.call.run);
  auto text = life.deps.live->begin(where, msg.call.step, msg.call.attempt);
  const auto as_is = msg.what->is_chat;
  return make_live_sink(life.deps.live, where, std::move(text), as_is);
}

std::uint64_t estimate(const message_list& context) {
  auto total = std::uint64_t{0};
  for (const auto& m : context)
    total += m->size.followed;
  return total;
}

void add_wishes(chat_request& request, const reply_wishes& wishes) {
  request.temperature = wishes.temperature;
  request.stop = wishes.stop;
  request.response_format = wishes.response_format;
  request.tool = wishes.tool;
  if (wishes.calls == call_wish::required && request.choice == tool_choice::automatic)
    request.choice = tool_choice::required;
}

chat_request request_for(const tier_life& life, const call_model& msg) {
  auto request = chat_request{};
  request.context = msg.what->context;
  request.tools = msg.what->tools;
  request.choice = msg.what->may_call ? tool_choice::automatic : tool_choice::none;
  request.purpose = msg.what->kind == call_kind::step ? call_purpose::step : call_purpose::summary;
  request.reply_tokens_max = msg.what->reply_tokens_max;
  request.timeouts = member_at(*life.deps.models, msg.what->walk).timeouts;
  if (msg.what->wishes)
    add_wishes(request, *msg.what->wishes);
  request.sink = sink_for(life, msg);
  return request;
}

/// Providers report failures and do not throw; one that does has failed this call, not the tier.
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

void start_call(tier_self self, const call_model& msg, model_caller asker) {
  auto& life = self->state;
  ++life.deps.counters->model_calls;
  ++life.deps.counters->model_calls_open;
  auto done = [to = tier_actor{self}, call = msg.call](model_result<model_reply> reply) {
    if (reply)
      caf::anon_send(to, provider_replied{call, std::move(*reply)});
    else
      caf::anon_send(to, provider_failed{call, reply.error()});
  };
  const auto& models = life.deps.models;
  const auto& member = member_at(*models, msg.what->walk);
  auto under_way = start_at(*member.provider, request_for(life, msg), done);
  life.calls.admit({msg.call, {}},
                   {std::move(asker), models, msg.what->walk, estimate(msg.what->context)},
                   std::move(under_way));
}

void tick_soon(tier_self self) {
  if (!self->state.delayed.empty() && !std::exchange(self->state.ticking, true))
    self->delayed_send(self, tier_tick_period, call_tick{});
}

void on_call(tier_self self, const call_model& msg) {
  auto asker = caf::actor_cast<model_caller>(self->current_sender());
  if (self->state.deps.models->members.empty()) {
    auto error = model_error{};
    error.detail = "the tier has no models";
    self->send(asker, model_failed{msg.call, std::move(error), {}, 0.0, {}, std::nullopt});
    return;
  }
  if (msg.what->delay <= 0ms)
    return start_call(self, msg, std::move(asker));
  const auto due = instant{self->state.deps.now().value + msg.what->delay.count()};
  self->state.delayed.emplace(due, tier_life::waiting{msg, std::move(asker)});
  tick_soon(self);
}

void on_tick(tier_self self) {
  auto& life = self->state;
  life.ticking = false;
  const auto now = life.deps.now();
  while (!life.delayed.empty() && life.delayed.begin()->first <= now) {
    auto next = life.delayed.extract(life.delayed.begin());
    start_call(self, next.mapped().what, std::move(next.mapped().asker));
  }
  tick_soon(self);
}

void on_cancel(tier_self self, const cancel_calls& msg) {
  auto& life = self->state;
  life.deps.counters->model_calls_open -= life.calls.cancel(msg.run, msg.life).size();
  std::erase_if(life.delayed, [&](const auto& entry) {
    const auto& call = entry.second.what.call;
    return call.run == msg.run && call.life <= msg.life;
  });
}

void on_replied(tier_self self, provider_replied& msg) {
  auto& life = self->state;
  const auto call = life.calls.take({msg.call, {}});
  if (!call)
    return;
  --life.deps.counters->model_calls_open;
  const auto& model = member_at(*call->models, call->walk).model;
  const auto cents = cost_cents(model, msg.reply.usage);
  if (life.deps.meter)
    life.deps.meter->replied(call->models->tier.name, model.label(), msg.reply.usage, cents);
  self->send(call->asker, model_replied{msg.call, std::move(msg.reply), model.label(), cents});
}

std::optional<retry_plan> plan_after(const tier_life& life, const tier_models& models,
                                     const walk_position& at, const model_error& error) {
  const auto next = next_attempt(at, error, models.tier, life.deps.limits, life.deps.chance(),
                                 life.deps.now().value);
  const auto* on = std::get_if<walk_on>(&next);
  if (on == nullptr)
    return std::nullopt;
  return retry_plan{on->where, on->delay, on->fell_over,
                    member_at(models, on->where).model.label()};
}

/// What the provider said may quote the prompt: the error's class has to do.
void log_failure(const tier_life& life, const identity& call, const model_error& error,
                 const std::string& model, bool goes_on) {
  life.deps.log->write(log_level::warning, "models", "model call failed",
                       {{"run_id", call.run.value},
                        {"step", std::to_string(call.step.value)},
                        {"tier", life.deps.models->tier.name},
                        {"model", model},
                        {"error", std::string{class_name(error.kind)}},
                        {"status", std::to_string(error.status)},
                        {"then", goes_on ? "another attempt" : "the call fails"}});
}

void on_failed(tier_self self, const provider_failed& msg) {
  auto& life = self->state;
  const auto call = life.calls.take({msg.call, {}});
  if (!call)
    return;
  --life.deps.counters->model_calls_open;
  ++life.deps.counters->model_failures;
  const auto& model = member_at(*call->models, call->walk).model;
  if (life.deps.meter)
    life.deps.meter->failed(call->models->tier.name, model.label(), class_name(msg.error.kind));
  // Whoever had begun to answer has read the prompt; nobody says what its answer cost.
  const auto usage =
    token_usage{msg.error.output_begun ? call->prompt_estimate : 0, 0, msg.error.output_begun};
  auto plan = plan_after(life, *call->models, call->walk, msg.error);
  log_failure(life, msg.call, msg.error, model.label(), plan.has_value());
  self->send(call->asker, model_failed{msg.call, msg.error, model.label(),
                                       cost_cents(model, usage.prompt, 0), usage, std::move(plan)});
}

}  // namespace

tier_actor::behavior_type tier_behavior(tier_self self, tier_deps deps) {
  follow_house_rules(self);
  self->state.deps = std::move(deps);
  return {
    [self](const call_model& msg) { on_call(self, msg); },
    [self](const cancel_calls& msg) { on_cancel(self, msg); },
    [self](provider_replied& msg) { on_replied(self, msg); },
    [self](const provider_failed& msg) { on_failed(self, msg); },
    [self](const use_models& msg) { self->state.deps.models = msg.models; },
    [self](const call_tick&) { on_tick(self); },
  };
}

}  // namespace persona_runtime
