#include "actors/completions_actor.hpp"

#include "actors/call_sender.hpp"
#include "messages/archive_messages.hpp"
#include "messages/errors.hpp"
#include "messages/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using completions_self = completions_actor::stateful_pointer<completions_life>;

constexpr auto completions_sweep_period = 1s;
constexpr auto persona_patience = 8s;

std::string key_of(const completion_job& job, const std::string& call_id) {
  return job.who.owner.value + '\n' + job.what.persona.value + '\n' + call_id;
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

void forget_seat(completions_self self, const run_id& id) {
  auto& life = self->state;
  auto found = life.seats.extract(id.value);
  if (found.empty())
    return;
  const auto& seat = found.mapped();
  const auto& services = *life.deps.services;
  if (seat.actor) {
    life.by_actor.erase(seat.actor.id());
    self->demonitor(seat.actor.address());
  }
  services.live->erase(id);
  if (services.caps)
    services.caps->close(id);
  const auto own = life.by_owner.find(seat.job->who.owner.value);
  if (--own->second == 0)
    life.by_owner.erase(own);
  if (!life.seats.empty())
    return;
  for (auto& promise : std::exchange(life.drained, {}))
    promise.deliver(done{});
}

void take_seat(completions_life& life, const completion_job_ptr& job) {
  auto seat = completion_seat{};
  seat.job = job;
  seat.deadline = {life.deps.now().value + life.deps.limits.longest.count()};
  ++life.by_owner[job->who.owner.value];
  life.seats.emplace(job->id.value, std::move(seat));
}

void start(completions_self self, completion_seat& seat, persona_row_ptr persona) {
  auto& life = self->state;
  seat.actor = self->spawn(completion_behavior, life.deps.services, completions_actor{self},
                           seat.job, std::move(persona), with_kept_rounds(life, *seat.job));
  self->monitor(seat.actor);
  life.by_actor.emplace(seat.actor.id(), seat.job->id.value);
}

void refuse(completions_self self, const run_id& id, const failure& why) {
  if (const auto* seat = find_seat(self, id)) {
    seat->job->listener->on_refused(why);
    forget_seat(self, id);
  }
}

/// Who is gone by then is gone.
void fetch(completions_self self, const completion_job& job) {
  auto& life = self->state;
  self
    ->request(life.deps.services->archive, persona_patience,
              fetch_persona{job.what.persona, job.who})
    .then(
      [self, id = job.id, read_at = life.personas.epoch()](const fetched_persona& found) {
        auto row = std::make_shared<const persona_row>(found.row);
        self->state.personas.keep(row, read_at);
        if (auto* seat = find_seat(self, id))
          start(self, *seat, std::move(row));
      },
      [self, id = job.id](const caf::error& e) { refuse(self, id, to_failure(e)); });
}

void on_begin(completions_self self, const begin_completion& msg) {
  auto& life = self->state;
  const auto& job = *msg.job;
  if (const auto why = why_not(life, job.who.owner))
    return job.listener->on_refused(*why);
  take_seat(life, msg.job);
  auto known = life.personas.find(job.what.persona);
  if (known != nullptr && may_see(job.who, known->owner))
    start(self, *find_seat(self, job.id), std::move(known));
  else
    fetch(self, job);
}

void on_cancel(completions_self self, const run_id& id) {
  const auto* seat = find_seat(self, id);
  if (seat == nullptr)
    return;
  if (seat->actor)
    send_urgent(self, seat->actor, cancel{"the client is gone"});
  else
    forget_seat(self, id);
}

void on_over(completions_self self, const completion_over& msg) {
  auto& life = self->state;
  if (const auto* seat = find_seat(self, msg.id); seat != nullptr && !msg.first_call.empty())
    life.kept.keep(key_of(*seat->job, msg.first_call), msg.server_rounds, life.deps.now());
  forget_seat(self, msg.id);
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
  forget_seat(self, id);
}

void on_sweep(completions_self self) {
  auto& life = self->state;
  const auto now = life.deps.now();
  for (auto& [id, seat] : life.seats) {
    if (seat.actor && seat.deadline <= now && !std::exchange(seat.told_deadline, true))
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
    if (seat.actor)
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
  life.personas = known_personas{life.deps.epoch};
  self->set_down_handler([self](caf::down_msg& msg) { on_down(self, msg); });
  self->set_exit_handler([self](caf::exit_msg& msg) { on_exit(self, msg); });
  self->delayed_send(self, completions_sweep_period, sweep{});
  return {
    [self](const begin_completion& msg) { on_begin(self, msg); },
    [self](const drain&) { return on_drain(self); },
    [self](const cancel_completion& msg) { on_cancel(self, msg.id); },
    [self](const completion_over& msg) { on_over(self, msg); },
    [self](const sweep&) { on_sweep(self); },
  };
}

}  // namespace persona_runtime
