#include "actors/tier_actor.hpp"

#include "actors/live_sink.hpp"
#include "actors/tier_calls.hpp"
#include "domain/tier/call_gate.hpp"
#include "messages/conversation_messages.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace tiering {
namespace {

constexpr auto tier_tick_period = 20ms;

/// Tables may have become shorter while the call was on its way.
std::size_t index_at(const tier_models& models, const walk_position& walk) {
  return std::min<std::size_t>(walk.member, models.members.size() - 1);
}

const model_entry& model_at(const tier_models& models, const walk_position& walk) {
  return models.members[index_at(models, walk)].model;
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

chat_request request_for(const model_call& what, const call_timeouts& timeouts) {
  auto request = chat_request{};
  request.context = what.context;
  request.tools = what.tools;
  request.choice = what.may_call ? tool_choice::automatic : tool_choice::none;
  request.purpose = what.kind == call_kind::step ? call_purpose::step : call_purpose::summary;
  request.timeouts = timeouts;
  if (what.wishes)
    add_wishes(request, *what.wishes);
  return request;
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

/// Gives a step's call its live text.
void show(tier_self self, const call_model& msg, tier_life::call& own, attempt& wish) {
  auto& life = self->state;
  if (!life.deps.live || msg.what->kind != call_kind::step)
    return;
  const auto where = life.deps.live->open(msg.call.run);
  auto text = life.deps.live->begin(where, msg.call.step, msg.call.attempt);
  wish.sink = live_sink_for(life, where, text, *msg.what, own.asker);
  if (own.models->hedges)
    may_be_hedged(self, msg, where, std::move(text), own, wish);
}

void start_call(tier_self self, const call_model& msg, model_caller asker) {
  auto& life = self->state;
  const auto models = life.deps.models;
  const auto& what = *msg.what;
  const auto prompt = estimate(what.context);
  auto own = tier_life::call{std::move(asker), models, what.walk, what.order, prompt, {}, {}};
  auto wish = attempt{msg.call, index_at(*models, what.walk), what.reply_tokens_max, true, {}, {}};
  const auto member = static_cast<std::uint32_t>(wish.member);
  wish.may_wait =
    !next_up(models->tier, what.order, member, looks_up(*models, life.deps.now())).has_value();
  show(self, msg, own, wish);
  own.at = place(self, *models, what, prompt, std::move(wish));
  life.calls.insert_or_assign(msg.call, std::move(own));
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
  look_at_late(self);
  tick_soon(self);
}

void on_cancel(tier_self self, const cancel_calls& msg) {
  auto& life = self->state;
  auto told = std::vector<model_actor>{};
  const auto tell = [&](const model_actor& at) {
    if (std::ranges::find(told, at) == told.end())
      told.push_back(at);
  };
  auto i = life.calls.lower_bound({msg.run, {}, {}, {}});
  while (i != life.calls.end() && i->first.run == msg.run && i->first.life <= msg.life) {
    const auto& own = i->second;
    tell(own.at);
    if (own.hedge && own.hedge->second)
      tell(own.hedge->second->at);
    forget_look(life, i->first, own);
    i = life.calls.erase(i);
  }
  for (const auto& at : told)
    send_urgent(self, at, msg);
  std::erase_if(life.delayed, [&](const auto& entry) {
    const auto& call = entry.second.what.call;
    return call.run == msg.run && call.life <= msg.life;
  });
}

using call_map = std::map<identity, tier_life::call>;

/// The call that this is an attempt at; end: it was cancelled or has been answered before.
call_map::iterator find_call(tier_life& life, const identity& placed) {
  return is_hedge(placed) ? life.calls.find(hedged_by(placed)) : life.calls.find(placed);
}

call_map::node_type take(tier_life& life, call_map::iterator open) {
  forget_look(life, open->first, open->second);
  return life.calls.extract(open);
}

void on_replied(tier_self self, provider_replied& msg) {
  auto& life = self->state;
  const auto open = find_call(life, msg.call);
  if (open == life.calls.end() || !counts(self, msg, open->second))
    return;
  auto taken = take(life, open);
  const auto& own = taken.mapped();
  const auto& model = model_at(*own.models, walk_of(own, msg.call));
  const auto cents = cost_cents(model, msg.reply.usage);
  if (life.deps.meter)
    life.deps.meter->replied(own.models->tier.name, model.label(), msg.reply.usage, cents);
  self->send(own.asker, model_replied{std::move(taken.key()), std::move(msg.reply), model.label(),
                                      cents, lost_beside(own, msg.call)});
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
                                     const walk_position& walk, const model_error& error) {
  const auto& models = *call.models;
  const auto now = life.deps.now();
  const auto next = next_attempt(walk, error, models.tier, life.deps.limits, life.deps.chance(),
                                 now.value, call.order);
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

void count_failure(const tier_life& life, const std::string& model, const model_error& error) {
  if (is_not_sent(error))
    return;
  ++life.deps.counters->model_failures;
  if (life.deps.meter)
    life.deps.meter->failed(life.deps.models->tier.name, model, class_name(error.kind));
}

void on_failed(tier_self self, const provider_failed& msg) {
  auto& life = self->state;
  const auto open = find_call(life, msg.call);
  if (open == life.calls.end() || is_over(open->second, msg.call))
    return;
  const auto& model = model_at(*open->second.models, walk_of(open->second, msg.call));
  const auto call = open->first;
  count_failure(life, model.label(), msg.error);
  if (goes_on_beside(self, msg, open->second))
    return log_failure(life, call, msg.error, model.label(), true);
  const auto taken = take(life, open);
  const auto& own = taken.mapped();
  const auto usage = usage_of(own, msg.error);
  auto plan = plan_after(life, own, walk_of(own, msg.call), msg.error);
  log_failure(life, call, msg.error, model.label(), plan.has_value());
  self->send(own.asker,
             model_failed{call, msg.error, model.label(), cost_cents(model, usage.prompt, 0), usage,
                          std::move(plan), lost_beside(own, msg.call)});
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
  for (const auto& [call, own] : life.calls) {
    if (is_dead(own.at))
      lost.push_back(call);
    if (own.hedge && own.hedge->second && is_dead(own.hedge->second->at))
      lost.push_back(hedge_of(call));
  }
  auto error = model_error{};
  error.kind = model_error_class::backend_timeout;
  error.detail = "the actor that had sent the call ended";
  error.output_begun = true;
  for (const auto& call : lost)
    on_failed(self, provider_failed{call, error});
}

}  // namespace

model_actor place(tier_self self, const tier_models& models, const model_call& what,
                  std::uint64_t prompt, attempt wish) {
  const auto& member = models.members[wish.member];
  auto order = std::make_shared<call_order>();
  order->what.call = wish.call;
  order->what.owner = what.owner.value;
  order->what.model = member.model.model;
  order->what.tokens = prompt + wish.reply_tokens_max;
  order->what.may_wait = wish.may_wait;
  order->provider = member.provider;
  order->request = request_for(what, member.timeouts);
  order->request.reply_tokens_max = wish.reply_tokens_max;
  order->request.sink = std::move(wish.sink);
  order->on_sent = std::move(wish.on_sent);
  order->signal = models.signals[wish.member];
  const auto at = models.accounts[wish.member]->actor();
  look_after(self, at, models.accounts[wish.member]);
  send_urgent(self, at, place_call{std::move(order)});
  return at;
}

std::shared_ptr<text_sink> live_sink_for(const tier_life& life, live_registry::channel_ptr where,
                                         live_text_ptr text, const model_call& what,
                                         const model_caller& asker) {
  auto tell = live_registry::on_growth{};
  if (what.is_chat) {
    tell = [to = caf::actor_cast<interface<takes<answer_grew>>>(asker)](const run_id& turn) {
      caf::anon_send(to, answer_grew{turn});
    };
  }
  return make_live_sink(life.deps.live, std::move(where), std::move(text), what.is_chat,
                        std::move(tell));
}

member_health looks_up(const tier_models& models, instant now) {
  return [&models, now](std::string_view, std::uint32_t member) {
    return models.signals[member]->looks_up(now);
  };
}

void tick_soon(tier_self self) {
  auto& life = self->state;
  const auto waits = !life.delayed.empty() || !life.looks.empty();
  if (waits && !std::exchange(life.ticking, true))
    self->delayed_send(self, tier_tick_period, call_tick{});
}

}  // namespace tiering

std::shared_ptr<const tier_models> make_tier_models(tier_entry tier,
                                                    std::vector<tier_member> members,
                                                    model_accounts& from, bool hedges) {
  auto made = std::make_shared<tier_models>();
  made->tier = std::move(tier);
  made->members = std::move(members);
  made->hedges = hedges;
  for (const auto& member : made->members) {
    made->accounts.push_back(from.of(member));
    made->signals.push_back(made->accounts.back()->signal(member.model.model));
  }
  return made;
}

tier_actor::behavior_type tier_behavior(tiering::tier_self self, tier_deps deps) {
  using namespace tiering;
  follow_house_rules(self);
  self->state.deps = std::move(deps);
  self->set_down_handler([self](caf::down_msg& msg) { on_model_down(self, msg); });
  return {
    [self](const call_model& msg) { on_call(self, msg); },
    [self](const start_hedge& msg) { on_start_hedge(self, msg); },
    [self](const cancel_calls& msg) { on_cancel(self, msg); },
    [self](provider_replied& msg) { on_replied(self, msg); },
    [self](const provider_failed& msg) { on_failed(self, msg); },
    [self](const call_spoke& msg) { on_spoke(self, msg); },
    [self](const use_models& msg) { self->state.deps.models = msg.models; },
    [self](const call_tick&) { on_tick(self); },
  };
}

}  // namespace persona_runtime
