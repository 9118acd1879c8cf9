// The supervisor's book of live runs: who has a seat, who waits for what becomes of it.

#include "actors/supervisor_seats.hpp"

#include <utility>

namespace persona_runtime::supervising {
namespace {

/// When the question that a journal ends with was asked; none when it ends with something else.
std::optional<instant> asked_at(const loaded_run& past) {
  for (auto append = past.journal.rbegin(); append != past.journal.rend(); ++append) {
    const auto records = decode_body(append->body.view());
    if (!records)
      return std::nullopt;
    for (auto r = records->rbegin(); r != records->rend(); ++r) {
      if (std::holds_alternative<fact::asking_user>(r->body))
        return r->at;
      if (!std::holds_alternative<fact::resumed>(r->body))
        return std::nullopt;
    }
  }
  return std::nullopt;
}

void count_end(engine_counters& counters, run_status status) {
  auto& counter = status == run_status::completed           ? counters.runs_completed
                  : status == run_status::cancelled         ? counters.runs_cancelled
                  : status == run_status::max_steps_reached ? counters.runs_max_steps
                  : status == run_status::budget_exhausted  ? counters.runs_budget_exhausted
                                                            : counters.runs_error;
  ++counter;
}

/// A run that failed is somebody's trouble; that others end is what runs do.
void log_end(log_sink& log, const run_ended& end) {
  const auto level = end.status == run_status::error ? log_level::info : log_level::debug;
  if (log.wants(level)) {
    log.write(level, log_name, "run ended",
              {{"run_id", end.run.value}, {"status", std::string{name_of(end.status)}}});
  }
}

void give_seat_away(supervisor_self self, const run_id& run) {
  if (self->state.deps.caps)
    self->state.deps.caps->close(run);
  self->state.seats.erase(run.value);
  self->state.rules.forget(run);
  begin_queued(self);
}

}  // namespace

void open_spending(supervisor_self self, const run_id& run, const run_spec& spec) {
  const auto& books = self->state.deps.caps;
  if (books == nullptr)
    return;
  if (const auto caps = books->caps_of(spec.persona); caps.any())
    books->open(run, spec.owner, spec.persona, caps.session, caps.day);
}

run_seat* find_seat(supervisor_self self, const run_id& run) {
  const auto i = self->state.seats.find(run.value);
  return i == self->state.seats.end() ? nullptr : &i->second;
}

void show_gauges(supervisor_self self) {
  const auto& rules = self->state.rules;
  auto& counters = *self->state.deps.counters;
  counters.runs_live = rules.live();
  counters.runs_queued = rules.queued();
  counters.full = rules.is_full();
  counters.journal_available = rules.journal_available;
  counters.draining = rules.draining;
}

void set_busy(supervisor_self self, run_seat& seat, bool now) {
  if (std::exchange(seat.busy, now) == now)
    return;
  if (now)
    ++self->state.busy;
  else
    --self->state.busy;
  if (self->state.busy != 0)
    return;
  for (auto& asker : std::exchange(self->state.drained, {}))
    asker.deliver(done{});
}

void spawn_run(supervisor_self self, const run_id& run) {
  auto& life = self->state;
  auto& seat = life.seats.at(run.value);
  if (seat.life > incarnation{})  // a fresh run has asked nothing: its journal need not be read
    seat.asked_at = asked_at(seat.past);
  seat.actor =
    life.deps.spawn_run(life.services, begin{seat.life, seat.reason}, std::exchange(seat.past, {}));
  life.by_actor.emplace(seat.actor.id(), run);
  self->monitor(seat.actor);
  if (!seat.cancels.empty())
    send_urgent(self, seat.actor, cancel{seat.cancel_reason});
  if (seat.overdue)
    send_urgent(self, seat.actor, deadline_passed{});
  for (auto& answer : std::exchange(seat.answers, {}))
    self->send(seat.actor, std::move(answer));
}

void begin_queued(supervisor_self self) {
  while (!self->state.rules.draining) {
    const auto run = self->state.rules.next_queued();
    if (!run)
      break;
    if (auto* seat = find_seat(self, *run); seat != nullptr && seat->accepted && !seat->actor)
      spawn_run(self, *run);
  }
  show_gauges(self);
}

void refuse_answers(supervisor_self self, const run_id& run, const failure& why) {
  auto& answers = self->state.answers;
  for (auto i = answers.begin(); i != answers.end();) {
    if (i->second.run != run) {
      ++i;
      continue;
    }
    i->second.promise.deliver(to_caf_error(why));
    i = answers.erase(i);
  }
}

void end_run(supervisor_self self, const run_ended& end) {
  auto* seat = find_seat(self, end.run);
  if (seat == nullptr)
    return;
  set_busy(self, *seat, false);
  count_end(*self->state.deps.counters, end.status);
  log_end(*self->state.deps.log, end);
  for (auto& asker : seat->cancels)
    asker.deliver(end);
  refuse_answers(self, end.run, {errc::not_awaiting_user, "the run has ended"});
  give_seat_away(self, end.run);
}

void drop_seat(supervisor_self self, const run_id& run, const failure& why) {
  auto* seat = find_seat(self, run);
  if (seat == nullptr)
    return;
  set_busy(self, *seat, false);
  if (seat->start.pending())
    seat->start.deliver(to_caf_error(why));
  for (auto& asker : seat->cancels)
    asker.deliver(to_caf_error(why));
  refuse_answers(self, run, why);
  give_seat_away(self, run);
}

}  // namespace persona_runtime::supervising
