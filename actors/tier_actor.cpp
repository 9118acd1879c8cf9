#include "actors/tier_actor.hpp"

#include "actors/live_sink.hpp"
#include "domain/tier/call_gate.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

using tier_self = tier_actor::stateful_pointer<tier_life>;

constexpr auto tier_tick_period = 20ms;

/// Tables may have become shorter while the call was on its way.
std::size_t index_at(const tier_models& models, const walk_position& walk) {
  return std::min<std::size_t>(walk.member, models.members.size() - 1);
}

const model_entry& model_at(const tier_models& models, const walk_position& walk) {
  return models.members[index_at(models, walk)].model;
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

chat_request request_for(const tier_life& life, const call_model& msg,
                         const call_timeouts& timeouts) {
  auto request = chat_request{};
  request.context = msg.what->context;
  request.tools = msg.what->tools;
  request.choice = msg.what->may_call ? tool_choice::automatic : tool_choice::none;
  request.purpose = msg.what->kind == call_kind::step ? call_purpose::step : call_purpose::summary;
  request.reply_tokens_max = msg.what->reply_tokens_max;
  request.timeouts = timeouts;
  if (msg.what->wishes)
    add_wishes(request, *msg.what->wishes);
  request.sink = sink_for(life, msg);
  return request;
}

member_health looks_up(const tier_models& models, instant now) {
  return [&models, now](std::string_view, std::uint32_t member) {
    return models.signals[member]->looks_up(now);
  };
}

/// Whether somebody behind `member` has a chance now.
bool can_go_on(const tier_models& models, const member_order& order, std::uint32_t member,
               instant now) {
  auto next = next_behind(models.tier, order, member);
  while (next && !models.signals[*next]->looks_up(now))
    next = next_behind(models.tier, order, *next);
  return next.has_value();
}

void look_after(tier_self self, const model_actor& at,
                const std::shared_ptr<model_account>& account) {
  auto& watched = self->state.watched;
  const auto is_it = [&](const auto& each) { return each.first == at; };
  if (std::ranges::any_of(watched, is_it))
    return;
  watched.emplace_back(at, account);
  self->monitor(at);
}

void start_call(tier_self self, const call_model& msg, model_caller asker) {
  auto& life = self->state;
  const auto& models = life.deps.models;
  const auto& what = *msg.what;
  const auto i = index_at(*models, what.walk);
  const auto& member = models->members[i];
  const auto prompt = estimate(what.context);
  auto order = std::make_shared<call_order>();
  order->what.call = msg.call;
  order->what.owner = what.owner.value;
  order->what.model = member.model.model;
  order->what.tokens = prompt + what.reply_tokens_max;
  order->what.may_wait =
    !can_go_on(*models, what.order, static_cast<std::uint32_t>(i), life.deps.now());
  order->provider = member.provider;
  order->request = request_for(life, msg, member.timeouts);
  order->signal = models->signals[i];
  const auto at = models->accounts[i]->actor();
  look_after(self, at, models->accounts[i]);
  life.calls.insert_or_assign(
    msg.call, tier_life::call{std::move(asker), models, what.walk, what.order, prompt, at});
  send_urgent(self, at, place_call{std::move(order)});
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
  auto told = std::vector<model_actor>{};
  auto i = life.calls.lower_bound({msg.run, {}, {}, {}});
  while (i != life.calls.end() && i->first.run == msg.run && i->first.life <= msg.life) {
    if (std::ranges::find(told, i->second.at) == told.end())
      told.push_back(i->second.at);
    i = life.calls.erase(i);
  }
  for (const auto& at : told)
    send_urgent(self, at, msg);
  std::erase_if(life.delayed, [&](const auto& entry) {
    const auto& call = entry.second.what.call;
    return call.run == msg.run && call.life <= msg.life;
  });
}

/// None: it was cancelled or has been answered before.
std::optional<tier_life::call> take(tier_life& life, const identity& call) {
  auto found = life.calls.extract(call);
  return found.empty() ? std::nullopt : std::optional{std::move(found.mapped())};
}

void on_replied(tier_self self, provider_replied& msg) {
  auto& life = self->state;
  const auto call = take(life, msg.call);
  if (!call)
    return;
  const auto& model = model_at(*call->models, call->walk);
  const auto cents = cost_cents(model, msg.reply.usage);
  if (life.deps.meter)
    life.deps.meter->replied(call->models->tier.name, model.label(), msg.reply.usage, cents);
  self->send(call->asker, model_replied{msg.call, std::move(msg.reply), model.label(), cents});
}

/// A walk goes past members that have no chance now, unless none is left that has one: the call
/// then waits for the one that it stands at.
walk_on past_closed(walk_on on, const tier_models& models, const member_order& order, instant now) {
  const auto up = first_up(models.tier, order, on.where.member, looks_up(models, now));
  if (up == on.where.member)
    return on;
  stand_at(on.where, up);
  on.delay = 0ms;
  on.fell_over = true;
  return on;
}

std::optional<retry_plan> plan_after(const tier_life& life, const tier_life::call& call,
                                     const model_error& error) {
  const auto& models = *call.models;
  const auto now = life.deps.now();
  const auto next = next_attempt(call.walk, error, models.tier, life.deps.limits,
                                 life.deps.chance(), now.value, call.order);
  const auto* step = std::get_if<walk_on>(&next);
  if (step == nullptr)
    return std::nullopt;
  const auto on = past_closed(*step, models, call.order, now);
  return retry_plan{on.where, on.delay, on.fell_over, model_at(models, on.where).label()};
}

/// What the provider said may quote the prompt: the error's class has to do.
void log_failure(const tier_life& life, const identity& call, const model_error& error,
                 const std::string& model, bool goes_on) {
  if (is_not_sent(error) && goes_on)
    return;  // the model's own actor has told why
  life.deps.log->write(log_level::warning, "models", "model call failed",
                       {{"run_id", call.run.value},
                        {"step", std::to_string(call.step.value)},
                        {"tier", life.deps.models->tier.name},
                        {"model", model},
                        {"error", std::string{class_name(error.kind)}},
                        {"status", std::to_string(error.status)},
                        {"then", goes_on ? "another attempt" : "the call fails"}});
}

void count_failure(const tier_life& life, const tier_life::call& call, const model_error& error) {
  if (is_not_sent(error))
    return;
  ++life.deps.counters->model_failures;
  if (life.deps.meter)
    life.deps.meter->failed(call.models->tier.name, model_at(*call.models, call.walk).label(),
                            class_name(error.kind));
}

void on_failed(tier_self self, const provider_failed& msg) {
  auto& life = self->state;
  const auto call = take(life, msg.call);
  if (!call)
    return;
  count_failure(life, *call, msg.error);
  const auto& model = model_at(*call->models, call->walk);
  // Whoever had begun to answer has read the prompt; nobody says what its answer cost.
  const auto usage =
    token_usage{msg.error.output_begun ? call->prompt_estimate : 0, 0, msg.error.output_begun};
  auto plan = plan_after(life, *call, msg.error);
  log_failure(life, msg.call, msg.error, model.label(), plan.has_value());
  self->send(call->asker, model_failed{msg.call, msg.error, model.label(),
                                       cost_cents(model, usage.prompt, 0), usage, std::move(plan)});
}

/// Nobody knows how far the calls there had come: they count as begun.
void on_model_down(tier_self self, const caf::down_msg& msg) {
  auto& life = self->state;
  const auto is_dead = [&](const model_actor& at) { return at.address() == msg.source; };
  const auto found =
    std::ranges::find_if(life.watched, [&](const auto& each) { return is_dead(each.first); });
  if (found == life.watched.end())
    return;
  if (const auto account = found->second.lock();
      account && msg.reason && msg.reason != caf::exit_reason::user_shutdown)
    account->replace(msg.source);
  life.watched.erase(found);
  auto lost = std::vector<identity>{};
  for (const auto& [call, placed] : life.calls) {
    if (is_dead(placed.at))
      lost.push_back(call);
  }
  auto error = model_error{};
  error.kind = model_error_class::backend_timeout;
  error.detail = "the actor that had sent the call ended";
  error.output_begun = true;
  for (const auto& call : lost)
    on_failed(self, provider_failed{call, error});
}

}  // namespace

std::shared_ptr<const tier_models>
make_tier_models(tier_entry tier, std::vector<tier_member> members, model_accounts& from) {
  auto made = std::make_shared<tier_models>();
  made->tier = std::move(tier);
  made->members = std::move(members);
  for (const auto& member : made->members) {
    made->accounts.push_back(from.of(member));
    made->signals.push_back(made->accounts.back()->signal(member.model.model));
  }
  return made;
}

tier_actor::behavior_type tier_behavior(tier_self self, tier_deps deps) {
  follow_house_rules(self);
  self->state.deps = std::move(deps);
  self->set_down_handler([self](caf::down_msg& msg) { on_model_down(self, msg); });
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
