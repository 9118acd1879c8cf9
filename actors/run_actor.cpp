#include "actors/run_actor.hpp"

#include "actors/call_sender.hpp"
#include "domain/conversation/kept_talk.hpp"
#include "domain/memory/episode.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace persona_runtime {
namespace {

using run_self = run_actor::stateful_pointer<run_life>;

void take(run_self self, const input& in);

struct run_performer : call_sender<run_self> {
  using call_sender::call_sender;
  using call_sender::operator();

  void operator()(const reserve_step& e) const { self_->send(services().supervisor, e); }
  void operator()(const await_answer& e) const { self_->send(services().supervisor, e); }
  void operator()(const answer_taken& e) const { self_->send(services().supervisor, e); }
  void operator()(const answer_refused& e) const { self_->send(services().supervisor, e); }
  void operator()(const run_ended& e) const {
    services().forget_live(e.run);
    self_->send(services().supervisor, e);
    self_->quit();
  }
};

void perform(run_self self, const effect& e) {
  std::visit(run_performer{self}, e);
}

void perform_durable(run_self self) {
  auto& life = self->state;
  while (!life.waiting.empty() && life.waiting.front().pos <= life.committed) {
    const auto ready = std::move(life.waiting.front());
    life.waiting.erase(life.waiting.begin());
    for (const auto& e : ready.effects)
      perform(self, e);
  }
}

/// What waits for a commit must not start any more once the run is cancelled; who has answered a
/// question is told all the same that it is durable.
void void_waiting(run_life& life) {
  for (auto& ready : life.waiting)
    std::erase_if(ready.effects,
                  [](const effect& e) { return !std::holds_alternative<answer_taken>(e); });
}

void perform_early(run_self self, std::vector<effect>& effects) {
  for (const auto& e : effects) {
    if (!may_come_early(e))
      continue;
    if (std::holds_alternative<cancel_calls>(e))
      void_waiting(self->state);
    perform(self, e);
  }
  std::erase_if(effects, [](const effect& e) { return may_come_early(e); });
}

void write_down(run_self self, const std::vector<record>& records) {
  auto& life = self->state;
  const auto at = life.services->now();
  const auto status = life.view.status;
  for (const auto& r : records) {
    life.pending.add(life.state.run, r, at);
    life.view.apply(r, at);
    life.meter.note(r);
  }
  life.status_changed = life.status_changed || life.view.status != status;
}

/// What is remembered of a run that came to an end of its own, or to somebody's.
void bring_episode(const run_life& life, journal_append& what) {
  const auto& s = life.state;
  if (s.status == run_status::error)
    return;
  auto outcome = run_outcome{};
  outcome.run_id = s.run.value;
  outcome.task = s.spec->task;
  outcome.output = s.output.value_or("");
  if (outcome.output.empty())
    outcome.output = "(no output)";
  outcome.tools_used.assign(s.tools_used.begin(), s.tools_used.end());
  outcome.steps = s.step.value;
  outcome.status = name_of(s.status);
  what.memory.push_back(run_episode(talk_scope(s.spec->persona, s.spec->owner, {}), outcome,
                                    ulid_of(s.run.value), life.services->now()));
}

void append_pending(run_self self) {
  auto& life = self->state;
  if (life.pending.records == 0)
    return;
  auto what = life.pending.take(life.state.run, life.state.life);
  if (std::exchange(life.status_changed, false))
    what.row = row_of(life.state, life.view);
  what.memory = std::exchange(life.state.audits, {});
  const auto& spec = *life.state.spec;
  what.usage = life.meter.take(spec.owner, spec.persona, life.services->now());
  if (life.state.phase == run_phase::ended)
    bring_episode(life, what);
  self->send(life.services->journal, append_records{std::move(what)});
}

void take(run_self self, const input& in) {
  auto& life = self->state;
  follow_board(life.services);
  auto next = decide(life.state, in, life.services->rules, life.services->now());
  const auto rides_along = may_ride_along(next);
  write_down(self, next.records);
  perform_early(self, next.effects);
  if (rides_along)
    return;
  append_pending(self);
  if (!next.effects.empty())
    life.waiting.push_back({life.state.pos, std::move(next.effects)});
  perform_durable(self);
}

template <class Input>
auto takes_input(run_self self) {
  return [self](Input& msg) { take(self, std::move(msg)); };
}

}  // namespace

run_actor::behavior_type run_behavior(run_self self, run_services_ptr services, begin how,
                                      loaded_run past) {
  follow_house_rules(self);
  auto& life = self->state;
  life.services = std::move(services);
  life.view.keeps_steps = false;
  if (const auto read = replay(past, life.state, life.view, life.meter); !read)
    throw std::runtime_error(read.error().detail);  // the supervisor counts it as a crash
  life.committed = life.state.pos;
  life.pending.pos = life.state.pos;
  life.pending.seq = life.state.seq;
  take(self, how);
  return {
    takes_input<step_granted>(self),
    takes_input<step_refused>(self),
    [self](const step_held&) {
      append_pending(self);
      return done{};
    },
    takes_input<model_replied>(self),
    takes_input<model_failed>(self),
    takes_input<hedge_wanted>(self),
    takes_input<tool_replied>(self),
    takes_input<memory_recalled>(self),
    [self](const recall_is_late& msg) { take(self, nothing_recalled(msg)); },
    takes_input<user_answer>(self),
    takes_input<question_timed_out>(self),
    takes_input<cancel>(self),
    takes_input<deadline_passed>(self),
    [self](const records_committed& msg) {
      self->state.committed = std::max(self->state.committed, msg.head);
      perform_durable(self);
    },
    [self](const append_refused&) { self->quit(); },
  };
}

}  // namespace persona_runtime
