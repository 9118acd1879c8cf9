#include "actors/step_grants.hpp"
#include "actors/supervisor_seats.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using namespace supervising;

constexpr auto deadline_sweep_period = 100ms;
constexpr auto cancels_max = std::size_t{100};  // that wait for one run's end
constexpr auto answers_max = std::size_t{16};   // that wait for one run's actor

run_seat* find_seat_of(supervisor_self self, const run_id& run, const asker& who) {
  auto* seat = find_seat(self, run);
  return seat != nullptr && (who.admin || who.owner == seat->owner) ? seat : nullptr;
}

// --- start ---

shared_text status_of(const run_id& run, const start_run& msg, instant now) {
  auto view = run_view{};
  view.apply(fact::accepted{run, msg.spec}, now);
  view.apply(fact::started{msg.spec->task}, now);
  return shared_text{to_json(view, true)};
}

journal_append acceptance_of(const start_run& msg, instant now) {
  auto fresh = run_state{};
  fresh.setup = msg.setup;
  auto view = run_view{};
  view.keeps_steps = false;
  auto pending = pending_append{};
  for (const auto& r : accept(fresh, msg.run, msg.spec)) {
    pending.add(msg.run, r, now);
    view.apply(r, now);
  }
  auto what = pending.take(msg.run, {});
  what.row = row_of(fresh, view);
  what.row->idempotency_key = msg.idempotency_key;
  what.row->request_hash = msg.request_hash;
  what.contents.push_back({msg.spec->setup_hash, msg.setup_text});
  return what;
}

/// Why its persona's caps could not be kept; none: they can.
std::optional<failure> open_account(supervisor_self self, const run_id& run, const run_spec& spec) {
  auto& life = self->state;
  if (life.deps.caps == nullptr || !life.deps.caps->caps_of(spec.persona).any())
    return std::nullopt;
  follow_board(life.services);
  if (auto why = why_no_cap_holds(*life.services->rules.tiers))
    return why;
  open_spending(self, run, spec);
  return std::nullopt;
}

caf::result<run_accepted> on_start(supervisor_self self, const start_run& msg) {
  auto& life = self->state;
  if (auto admitted = life.rules.admit(); !admitted) {
    life.deps.log->write(log_level::warning, log_name, "run refused",
                         {{"error", std::string{token_of(admitted.error().code)}},
                          {"reason", admitted.error().detail},
                          {"live", std::to_string(life.rules.live())},
                          {"queued", std::to_string(life.rules.queued())}});
    return to_caf_error(admitted.error());
  }
  if (find_seat(self, msg.run) != nullptr)
    return to_caf_error({errc::validation_error, "the run id is in use"});
  if (auto why = open_account(self, msg.run, *msg.spec))
    return to_caf_error(*why);
  const auto now = life.deps.now();
  auto& seat = life.seats[msg.run.value];
  seat.owner = msg.spec->owner;
  seat.status = status_of(msg.run, msg, now);
  seat.past = {msg.setup, {acceptance_of(msg, now)}};
  seat.start = self->make_response_promise<run_accepted>();
  self->send(life.deps.journal, append_records{seat.past.journal.front()});
  seat.past.journal.front().row.reset();
  seat.past.journal.front().contents.clear();
  life.rules.enter(msg.run, msg.spec->limits);
  show_gauges(self);
  return seat.start;
}

void on_accepted(supervisor_self self, const run_id& run, run_seat& seat) {
  seat.accepted = true;
  ++self->state.deps.counters->runs_started;
  std::exchange(seat.start, {}).deliver(run_accepted{run, std::exchange(seat.status, {})});
  if (self->state.rules.is_live(run) || !seat.cancels.empty())
    spawn_run(self, run);
}

void on_committed(supervisor_self self, const run_id& run) {
  auto* seat = find_seat(self, run);
  if (seat == nullptr)
    return;
  if (const auto end = seat->ending) {  // a copy: its seat goes with the run
    self->state.services->forget_live(run);
    return end_run(self, *end);
  }
  if (!seat->accepted)
    on_accepted(self, run, *seat);
}

void on_refused(supervisor_self self, const append_refused& msg) {
  auto* seat = find_seat(self, msg.run);
  if (seat == nullptr)
    return;
  if (seat->accepted)  // its forced end: somebody deleted it, or has taken it over
    return drop_seat(self, msg.run, {errc::run_not_found, "no such live run"});
  const auto taken = static_cast<append_verdict>(msg.verdict) == append_verdict::key_in_use;
  drop_seat(self, msg.run,
            taken ? failure{errc::idempotency_key_reused, "the key is in use"}
                  : failure{errc::internal_error, "the run id is in use"});
}

// --- what live runs ask ---

/// The step counts as under way until the run has handed in what it held back: whoever waits for
/// the drain asks the journal next, and must find it there.
void hold_step(supervisor_self self, const identity& call, const run_seat& seat) {
  self->request(seat.actor, request_timeout, step_held{call})
    .then(
      [self, call](const done&) {
        if (auto* held = find_seat(self, call.run); held != nullptr && held->life == call.life)
          set_busy(self, *held, false);
      },
      [](const caf::error&) {});  // it has crashed: on_down knows
}

void on_reserve(supervisor_self self, const reserve_step& msg) {
  auto& life = self->state;
  auto* seat = find_seat(self, msg.call.run);
  if (seat == nullptr || !seat->actor || seat->life != msg.call.life)
    return;
  if (life.rules.draining && msg.beside)  // the step is under way, and may end without a hedge
    return self->send(seat->actor, step_refused{msg.call, {}});
  if (life.rules.draining)
    return hold_step(self, msg.call, *seat);
  const auto answer = grant_or_refuse(life.rules, life.deps.caps, msg, life.deps.now());
  if (send_answer(self, seat->actor, msg, answer)) {
    ++life.deps.counters->steps_granted;
    set_busy(self, *seat, true);
  } else {
    ++life.deps.counters->steps_refused;
  }
}

void on_await(supervisor_self self, const await_answer& msg) {
  auto* seat = find_seat(self, msg.call.run);
  if (seat == nullptr || seat->life != msg.call.life)
    return;
  set_busy(self, *seat, false);
  const auto asked = std::exchange(seat->asked_at, std::nullopt);
  self->state.rules.await_answer(msg.call, asked.value_or(self->state.deps.now()));
}

caf::result<run_ended> on_cancel(supervisor_self self, const cancel_run& msg) {
  auto* seat = find_seat_of(self, msg.run, msg.who);
  if (seat == nullptr)
    return to_caf_error({errc::run_not_found, "no such live run"});
  if (seat->cancels.size() >= cancels_max)
    return to_caf_error({errc::overloaded, "too many cancels of this run are waiting", 1s});
  seat->cancels.push_back(self->make_response_promise<run_ended>());
  seat->cancel_reason = msg.reason;
  if (seat->actor)
    send_urgent(self, seat->actor, cancel{msg.reason});
  else if (seat->accepted && !seat->past.journal.empty())
    spawn_run(self, msg.run);  // it queued: its actor writes down the end
  return seat->cancels.back();
}

/// Why an answer can not be passed on now nor soon; none: it can.
std::optional<failure> why_not_answer(const supervisor_life& life, const run_id& run,
                                      const run_seat& seat) {
  if (seat.actor)
    return std::nullopt;
  if (!seat.accepted)
    return failure{errc::not_awaiting_user, "nothing is asked"};
  if (!life.rules.is_live(run) && !life.unread.contains(run.value)) {
    if (seat.past.journal.empty())
      return failure{errc::not_awaiting_user, "the run is queued: nothing is asked"};
    return failure{errc::overloaded, "the run waits for its turn to go on", 1s};
  }
  if (seat.answers.size() >= answers_max)
    return failure{errc::overloaded, "too many answers to this run are waiting", 1s};
  return std::nullopt;
}

caf::result<done> on_answer(supervisor_self self, const answer_run& msg) {
  auto* seat = find_seat_of(self, msg.run, msg.who);
  if (seat == nullptr)
    return to_caf_error({errc::run_not_found, "no such live run"});
  if (auto why = why_not_answer(self->state, msg.run, *seat))
    return to_caf_error(*why);
  const auto ticket = self->state.next_ticket++;
  auto promise = self->make_response_promise<done>();
  self->state.answers.emplace(ticket, supervisor_life::waiting_answer{msg.run, promise});
  auto answer = user_answer{ticket, msg.text, msg.size, msg.question_id};
  if (seat->actor)
    self->send(seat->actor, std::move(answer));
  else
    seat->answers.push_back(std::move(answer));
  return promise;
}

template <class Value>
void deliver_answer(supervisor_self self, std::uint64_t ticket, Value value) {
  if (auto found = self->state.answers.extract(ticket); !found.empty())
    found.mapped().promise.deliver(std::move(value));
}

void on_sweep(supervisor_self self) {
  auto& life = self->state;
  for (const auto& due : life.rules.take_due(life.deps.now())) {
    auto* seat = find_seat(self, due.run);
    if (seat == nullptr)
      continue;
    seat->overdue = seat->overdue || due.deadline;
    if (!seat->actor) {  // its next actor is told
      if (seat->accepted && !seat->past.journal.empty())
        spawn_run(self, due.run);
    } else if (due.deadline) {
      send_urgent(self, seat->actor, deadline_passed{});
    } else {
      self->send(seat->actor, question_timed_out{*due.question});
    }
  }
  for (auto& [run, seat] : life.seats) {
    if (seat.reload_failed)
      reload_run(self, {run});
  }
  if (const auto from = std::exchange(life.resume_from, std::nullopt))
    resume_page_from(self, *from);
  self->delayed_send(self, deadline_sweep_period, sweep{});
}

caf::result<done> on_drain(supervisor_self self) {
  self->state.rules.draining = true;
  show_gauges(self);
  if (self->state.busy == 0)
    return done{};
  self->state.drained.push_back(self->make_response_promise<done>());
  return self->state.drained.back();
}

/// Answers everybody who waits: a promise that dies with its actor would tell nobody.
void on_exit(supervisor_self self, const caf::exit_msg& msg) {
  for (auto& [run, seat] : self->state.seats) {
    if (seat.start.pending())
      seat.start.deliver(msg.reason);
    for (auto& answer : seat.cancels)
      answer.deliver(msg.reason);
    if (seat.actor)
      self->send_exit(seat.actor, msg.reason);
  }
  for (auto& [ticket, answer] : self->state.answers)
    answer.promise.deliver(msg.reason);
  for (auto& asker : self->state.drained)
    asker.deliver(done{});
  self->state.seats.clear();
  self->state.answers.clear();
  self->state.services.reset();
  self->quit(msg.reason);
}

}  // namespace

supervisor_actor::behavior_type supervisor_behavior(supervisor_self self, supervisor_deps deps) {
  follow_house_rules(self);
  auto& life = self->state;
  life.rules = supervisor_state{deps.limits};
  life.deps = std::move(deps);
  life.services = life.deps.make_services(supervisor_actor{self});
  self->set_down_handler([self](caf::down_msg& msg) { on_down(self, msg); });
  self->set_exit_handler([self](caf::exit_msg& msg) { on_exit(self, msg); });
  self->send(life.deps.journal, watch_journal{});
  self->delayed_send(self, deadline_sweep_period, sweep{});
  return {
    [self](const start_run& msg) { return on_start(self, msg); },
    [self](const cancel_run& msg) { return on_cancel(self, msg); },
    [self](const answer_run& msg) { return on_answer(self, msg); },
    [self](const drain&) { return on_drain(self); },
    [self](const resume_all&) { resume_page_from(self, 0); },
    [self](const reserve_step& msg) { on_reserve(self, msg); },
    [self](const await_answer& msg) { on_await(self, msg); },
    [self](const answer_taken& msg) { deliver_answer(self, msg.ticket, done{}); },
    [self](const answer_refused& msg) { deliver_answer(self, msg.ticket, to_caf_error(msg.why)); },
    [self](const run_ended& msg) { end_run(self, msg); },
    [self](const records_committed& msg) { on_committed(self, msg.run); },
    [self](const append_refused& msg) { on_refused(self, msg); },
    [self](const journal_changed& msg) {
      self->state.rules.journal_available = msg.available;
      show_gauges(self);
    },
    [self](const sweep&) { on_sweep(self); },
  };
}

}  // namespace persona_runtime
