// Two attempts at one call: when the second is asked for, which one counts, what the other cost.

#include "actors/live_sink.hpp"
#include "actors/tier_calls.hpp"
#include "domain/tier/call_gate.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime::tiering {
namespace {

using lane = call_race::lane;

lane lane_of(const identity& placed) {
  return is_hedge(placed) ? call_race::second : call_race::first;
}

lane other(lane at) {
  return at == call_race::first ? call_race::second : call_race::first;
}

identity named(const identity& call, lane at) {
  return at == call_race::second ? hedge_of(call) : hedged_by(call);
}

const model_entry& model_of(const tier_life::call& own, lane at) {
  const auto& members = own.models->members;
  const auto& walk = at == call_race::second ? own.hedge->second->walk : own.walk;
  return members[std::min<std::size_t>(walk.member, members.size() - 1)].model;
}

void look_again(tier_self self, const identity& call, hedged_call& hedge, instant when) {
  hedge.look_at = when;
  self->state.looks.emplace(when, call);
  tick_soon(self);
}

/// The next member is asked as soon as the caller has reserved it.
void want_second(tier_self self, const identity& call, tier_life::call& own, instant now) {
  auto& life = self->state;
  const auto& models = *own.models;
  const auto next = next_up(models.tier, own.order, own.walk.member, looks_up(models, now));
  if (!next || !life.hedges.take())
    return;
  own.hedge->wanted = next;
  self->send(own.asker, hedge_wanted{call, models.members[*next].model.label()});
}

/// Time at the model counts, not time spent waiting for a turn there.
void look_at(tier_self self, const identity& call, tier_life::call& own, instant now) {
  auto& hedge = *own.hedge;
  hedge.look_at.reset();
  if (hedge.race->is_decided())
    return;
  const auto from = hedge.race->sent_at(call_race::first).value_or(now);
  const auto due = instant{from.value + hedge.usual.count()};
  if (due > now)
    look_again(self, call, hedge, due);
  else
    want_second(self, call, own, now);
}

void give_up(tier_self self, const identity& call, tier_life::call& own, lane at) {
  auto& hedge = *own.hedge;
  if (!std::exchange(hedge.is_open.at(at), false))
    return;
  hedge.is_given_up.at(at) = true;
  hedge.race->give_up(at);
  send_urgent(self, at == call_race::second ? hedge.second->at : own.at,
              cancel_call{named(call, at)});
}

/// The prompt, and what had come by then: four bytes to a token.
token_usage seen_of(const tier_life::call& own, lane at) {
  const auto tokens = (own.hedge->race->bytes(at) + 3) / 4;
  const auto most = std::uint64_t{own.hedge->what->reply_tokens_max};
  return {own.prompt_estimate, std::min(tokens, most), true};
}

}  // namespace

void may_be_hedged(tier_self self, const call_model& msg, live_registry::channel_ptr where,
                   live_text_ptr text, tier_life::call& own, attempt& wish) {
  auto& life = self->state;
  const auto& models = *own.models;
  const auto member = static_cast<std::uint32_t>(wish.member);
  life.hedges.on_call();
  if (!next_behind(models.tier, own.order, member))
    return;
  auto tell = [to = tier_actor{self}, call = msg.call](lane at) {
    caf::anon_send(to, call_spoke{named(call, at)});
  };
  auto race = std::make_shared<call_race>(life.deps.now, std::move(tell));
  race->enter(call_race::first, models.signals[member]);
  wish.sink = make_raced_sink(race, call_race::first, std::move(wish.sink));
  wish.on_sent = [race] { race->sent(call_race::first); };
  own.hedge = std::make_shared<hedged_call>();
  auto& hedge = *own.hedge;
  hedge.what = msg.what;
  hedge.where = std::move(where);
  hedge.text = std::move(text);
  hedge.race = std::move(race);
  if (const auto usual = models.signals[member]->first_token_p95()) {
    hedge.usual = *usual;
    look_again(self, msg.call, hedge, instant{life.deps.now().value + usual->count()});
  }
}

void look_at_late(tier_self self) {
  auto& life = self->state;
  const auto now = life.deps.now();
  while (!life.looks.empty() && life.looks.begin()->first <= now) {
    const auto call = life.looks.begin()->second;
    life.looks.erase(life.looks.begin());
    if (const auto found = life.calls.find(call); found != life.calls.end())
      look_at(self, call, found->second, now);
  }
}

void forget_look(tier_life& life, const identity& call, const tier_life::call& own) {
  if (own.hedge && own.hedge->look_at)
    life.looks.erase({*own.hedge->look_at, call});
}

void on_start_hedge(tier_self self, const start_hedge& msg) {
  auto& life = self->state;
  const auto found = life.calls.find(msg.call);
  if (found == life.calls.end() || !found->second.hedge)
    return;
  auto& own = found->second;
  auto& hedge = *own.hedge;
  if (!hedge.wanted || hedge.second)
    return;
  hedge.race->begin_second();
  if (hedge.race->is_decided())
    return;
  auto wish = attempt{hedge_of(msg.call), *hedge.wanted, msg.reply_tokens_max, false, {}, {}};
  const auto race = hedge.race;
  race->enter(call_race::second, own.models->signals[wish.member]);
  wish.sink = make_raced_sink(race, call_race::second,
                              live_sink_for(life, hedge.where, hedge.text, *hedge.what, own.asker));
  wish.on_sent = [race, counters = life.deps.counters] {
    race->sent(call_race::second);
    ++counters->hedges_started;
  };
  auto walk = own.walk;
  stand_at(walk, *hedge.wanted);
  hedge.second = {walk,
                  place(self, *own.models, *hedge.what, own.prompt_estimate, std::move(wish))};
  hedge.is_open.at(call_race::second) = true;
}

void on_spoke(tier_self self, const call_spoke& msg) {
  auto& life = self->state;
  const auto call = hedged_by(msg.call);
  const auto found = life.calls.find(call);
  if (found != life.calls.end() && found->second.hedge)
    give_up(self, call, found->second, other(lane_of(msg.call)));
}

const walk_position& walk_of(const tier_life::call& own, const identity& placed) {
  return is_hedge(placed) ? own.hedge->second->walk : own.walk;
}

bool counts(tier_self self, const provider_replied& msg, tier_life::call& own) {
  if (!own.hedge)
    return true;
  auto& hedge = *own.hedge;
  const auto at = lane_of(msg.call);
  hedge.is_open.at(at) = false;
  if (hedge.race->claim(at)) {
    give_up(self, hedged_by(msg.call), own, other(at));
    if (at == call_race::second)
      ++self->state.deps.counters->hedges_won;
    return true;
  }
  const auto& model = model_of(own, at);
  hedge.lost = lost_call{model.label(), msg.reply.usage, cost_cents(model, msg.reply.usage), {}};
  return false;
}

token_usage usage_of(const tier_life::call& own, const model_error& error) {
  return {error.output_begun ? own.prompt_estimate : 0, 0, error.output_begun};
}

bool is_over(const tier_life::call& own, const identity& placed) {
  return own.hedge && !own.hedge->is_open.at(lane_of(placed));
}

bool goes_on_beside(tier_self self, const provider_failed& msg, tier_life::call& own) {
  if (!own.hedge)
    return false;
  auto& hedge = *own.hedge;
  const auto at = lane_of(msg.call);
  hedge.is_open.at(at) = false;
  if (hedge.race->is_won_by(at))
    give_up(self, hedged_by(msg.call), own, other(at));
  if (!hedge.is_open.at(other(at)))
    return false;
  if (!is_not_sent(msg.error)) {
    const auto& model = model_of(own, at);
    const auto usage = usage_of(own, msg.error);
    hedge.lost = lost_call{model.label(), usage, cost_cents(model, usage),
                           std::string{class_name(msg.error.kind)}};
  }
  return true;
}

std::optional<lost_call> lost_beside(const tier_life::call& own, const identity& placed) {
  if (!own.hedge || own.hedge->lost)
    return own.hedge ? own.hedge->lost : std::nullopt;
  const auto at = other(lane_of(placed));
  if (!own.hedge->is_given_up.at(at) || !own.hedge->race->sent_at(at))
    return std::nullopt;
  const auto& model = model_of(own, at);
  const auto usage = seen_of(own, at);
  return lost_call{model.label(), usage, cost_cents(model, usage), {}};
}

}  // namespace persona_runtime::tiering
