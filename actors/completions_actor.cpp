#include "actors/completions_actor.hpp"

#include "actors/call_sender.hpp"
#include "actors/step_grants.hpp"
#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using completions_self = completions_actor::stateful_pointer<completions_life>;

constexpr auto completions_sweep_period = 1s;

std::string key_of(const completion_job& job, const std::string& call_id) {
  return job.owner.value + '\n' + job.persona->id.value + '\n' + call_id;
}

completion_seat* find_seat(completions_self self, const run_id& id) {
  const auto i = self->state.seats.find(id.value);
  return i == self->state.seats.end() ? nullptr : &i->second;
}

std::optional<failure> why_not(completions_life& life, const owner_id& owner) {
  follow_board(life.deps.services);
  if (life.deps.services->rules.tiers->tiers.empty())
    return failure{errc::model_unavailable, "no model is configured", 30s};
  if (life.draining)
    return failure{errc::overloaded, "the server is stopping", 5s};
  if (life.seats.size() >= life.deps.limits.under_way_max)
    return failure{errc::overloaded, "too many completions are under way", 1s};
  const auto own = life.by_owner.find(owner.value);
  if (own != life.by_owner.end() && own->second >= life.deps.limits.per_owner_max)
    return failure{errc::rate_limit_exceeded,
                   "at most " + std::to_string(life.deps.limits.per_owner_max)
                     + " completions of one owner run at once",
                   1s};
  return std::nullopt;
}

/// The client's messages, and in front of calls that it was given what the server did before.
message_list with_kept_rounds(completions_life& life, const completion_job& job) {
  auto all = message_list{};
  for (const auto& m : job.what.messages) {
    const auto* kept = m->calls.empty()
                         ? nullptr
                         : life.kept.find(key_of(job, m->calls.front().call_id), life.deps.now());
    if (kept != nullptr)
      all.insert(all.end(), kept->begin(), kept->end());
    all.push_back(m);
  }
  return all;
}

caf::result<done> on_begin(completions_self self, const begin_completion& msg) {
  auto& life = self->state;
  const auto& job = *msg.job;
  if (auto why = why_not(life, job.owner))
    return to_caf_error(*why);
  auto seat = completion_seat{};
  seat.job = msg.job;
  seat.deadline = {life.deps.now().value + life.deps.limits.longest.count()};
  seat.actor = self->spawn(completion_behavior, life.deps.services, completions_actor{self},
                           msg.job, with_kept_rounds(life, job));
  self->monitor(seat.actor);
  life.by_actor.emplace(seat.actor.id(), job.id.value);
  life.budgets.open(job.id, job.limits);
  ++life.by_owner[job.owner.value];
  life.seats.emplace(job.id.value, std::move(seat));
  return done{};
}

void forget_seat(completions_self self, const run_id& id) {
  auto& life = self->state;
  auto found = life.seats.extract(id.value);
  if (found.empty())
    return;
  const auto& seat = found.mapped();
  life.by_actor.erase(seat.actor.id());
  life.budgets.close(id);
  if (life.deps.services->caps)
    life.deps.services->caps->close(id);
  const auto own = life.by_owner.find(seat.job->owner.value);
  if (--own->second == 0)
    life.by_owner.erase(own);
  if (!life.seats.empty())
    return;
  for (auto& promise : std::exchange(life.drained, {}))
    promise.deliver(done{});
}

void on_over(completions_self self, const completion_over& msg) {
  auto& life = self->state;
  if (const auto* seat = find_seat(self, msg.id); seat != nullptr && !msg.first_call.empty())
    life.kept.keep(key_of(*seat->job, msg.first_call), msg.server_rounds, life.deps.now());
  forget_seat(self, msg.id);
}

void on_reserve(completions_self self, const reserve_step& msg) {
  auto& life = self->state;
  const auto* seat = find_seat(self, msg.call.run);
  if (seat == nullptr)
    return;
  send_answer(self, seat->actor, msg,
              grant_or_refuse(life.budgets, life.deps.services->caps, msg, life.deps.now()));
}

completion_end broken_off(errc code, std::string why) {
  auto end = completion_end{};
  end.error_kind = std::string{token_of(code)};
  end.error = std::move(why);
  return end;
}

void on_down(completions_self self, const caf::down_msg& down) {
  auto& life = self->state;
  const auto gone = life.by_actor.find(down.source.id());
  if (gone == life.by_actor.end())
    return;  // it had said that it was over
  if (!down.reason)
    return;  // it says so: that is on its way
  const auto id = run_id{gone->second};
  find_seat(self, id)->job->listener->on_end(
    broken_off(errc::internal_error, "the completion was ended by a failure of the runtime"));
  cancel_everywhere(self, *life.deps.services, {id, {UINT32_MAX}});
  life.deps.services->forget_live(id);
  forget_seat(self, id);
}

void on_sweep(completions_self self) {
  auto& life = self->state;
  const auto now = life.deps.now();
  for (auto& [id, seat] : life.seats) {
    if (seat.deadline <= now && !std::exchange(seat.told_deadline, true))
      send_urgent(self, seat.actor, deadline_passed{});
  }
  self->delayed_send(self, completions_sweep_period, sweep{});
}

caf::result<done> on_drain(completions_self self) {
  auto& life = self->state;
  life.draining = true;
  if (life.seats.empty())
    return done{};
  life.drained.push_back(self->make_response_promise<done>());
  return life.drained.back();
}

/// Answers everybody who waits.
void on_exit(completions_self self, const caf::exit_msg& msg) {
  auto& life = self->state;
  for (auto& promise : std::exchange(life.drained, {}))
    promise.deliver(done{});
  life.by_actor.clear();
  for (auto& [id, seat] : std::exchange(life.seats, {})) {
    seat.job->listener->on_end(broken_off(errc::overloaded, "the server is stopping"));
    self->send_exit(seat.actor, msg.reason);
  }
  life.deps.services.reset();
  self->quit(msg.reason);
}

}  // namespace

completions_actor::behavior_type completions_behavior(completions_self self,
                                                      completions_deps deps) {
  follow_house_rules(self);
  auto& life = self->state;
  life.deps = std::move(deps);
  life.kept = kept_rounds{life.deps.limits.kept};
  self->set_down_handler([self](caf::down_msg& msg) { on_down(self, msg); });
  self->set_exit_handler([self](caf::exit_msg& msg) { on_exit(self, msg); });
  self->delayed_send(self, completions_sweep_period, sweep{});
  return {
    [self](const begin_completion& msg) { return on_begin(self, msg); },
    [self](const drain&) { return on_drain(self); },
    [self](const cancel_completion& msg) {
      if (const auto* seat = find_seat(self, msg.id))
        send_urgent(self, seat->actor, cancel{"the client is gone"});
    },
    [self](const completion_over& msg) { on_over(self, msg); },
    [self](const reserve_step& msg) { on_reserve(self, msg); },
    [self](const sweep&) { on_sweep(self); },
  };
}

}  // namespace persona_runtime
