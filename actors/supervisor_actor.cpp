#include "actors/supervisor_actor.hpp"

#include "actors/house_rules.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using supervisor_self = supervisor_actor::stateful_pointer<supervisor_life>;

constexpr auto sweep_period = 100ms;
constexpr auto resume_page = std::uint32_t{200};

run_seat* find_seat(supervisor_self self, const run_id& run) {
  const auto i = self->state.seats.find(run.value);
  return i == self->state.seats.end() ? nullptr : &i->second;
}

run_seat* find_seat(supervisor_self self, const run_id& run, const asker& who) {
  auto* seat = find_seat(self, run);
  return seat != nullptr && (who.admin || who.owner == seat->owner) ? seat : nullptr;
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
  self->state.busy += now ? 1 : -1;
  if (self->state.busy == 0 && self->state.drained.pending())
    std::exchange(self->state.drained, {}).deliver(done{});
}

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

void count_end(engine_counters& counters, run_status status) {
  auto& counter = status == run_status::completed           ? counters.runs_completed
                  : status == run_status::cancelled         ? counters.runs_cancelled
                  : status == run_status::max_steps_reached ? counters.runs_max_steps
                  : status == run_status::budget_exhausted  ? counters.runs_budget_exhausted
                                                            : counters.runs_error;
  ++counter;
}

void end_run(supervisor_self self, const run_ended& end) {
  auto* seat = find_seat(self, end.run);
  if (seat == nullptr)
    return;
  set_busy(self, *seat, false);
  count_end(*self->state.deps.counters, end.status);
  for (auto& answer : seat->cancels)
    answer.deliver(end);
  self->state.seats.erase(end.run.value);
  self->state.rules.forget(end.run);
  begin_queued(self);
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

caf::result<run_accepted> on_start(supervisor_self self, const start_run& msg) {
  auto& life = self->state;
  if (auto admitted = life.rules.admit(); !admitted)
    return to_caf_error(admitted.error());
  if (find_seat(self, msg.run) != nullptr)
    return to_caf_error({errc::validation_error, "the run id is in use"});
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
  if (const auto end = seat->ending)  // a copy: its seat goes with the run
    return end_run(self, *end);
  if (!seat->accepted)
    on_accepted(self, run, *seat);
}

void on_refused(supervisor_self self, const append_refused& msg) {
  auto* seat = find_seat(self, msg.run);
  if (seat == nullptr)
    return;
  if (seat->start.pending()) {
    const auto taken = static_cast<append_verdict>(msg.verdict) == append_verdict::key_in_use;
    std::exchange(seat->start, {})
      .deliver(to_caf_error(taken ? failure{errc::idempotency_key_reused, "the key is in use"}
                                  : failure{errc::internal_error, "the run id is in use"}));
  }
  self->state.seats.erase(msg.run.value);
  self->state.rules.forget(msg.run);
  begin_queued(self);
}

// --- crash and restart ---

/// Its actor cannot end the run, so its records are written here.
void end_crash_loop(supervisor_self self, run_seat& seat, loaded_run past) {
  auto state = run_state{};
  auto view = run_view{};
  view.keeps_steps = false;
  if (const auto read = replay(past, state, view); !read)
    return;  // unreadable: it stays as it is, for a human to look at
  state.life = seat.life;
  const auto now = self->state.deps.now();
  auto pending = pending_append{state.pos, state.seq, 0, 0, {}};
  const auto last = decide(state, crashed_too_often{}, self->state.services->rules, now);
  for (const auto& r : last.records) {
    pending.add(state.run, r, now);
    view.apply(r, now);
  }
  auto what = pending.take(state.run, seat.life);
  what.row = row_of(state, view);
  seat.ending = run_ended{state.run, state.status, state.spent};
  self->send(self->state.deps.journal, append_records{std::move(what)});
}

/// The status that a journal ends with; running when it does not end.
run_status last_status(const loaded_run& past) {
  if (past.journal.empty())
    return run_status::error;
  const auto records = decode_body(past.journal.back().body.view());
  if (!records || records->empty())
    return run_status::running;
  const auto* end = std::get_if<fact::finished>(&records->back().body);
  return end == nullptr ? run_status::running : end->status;
}

void go_on_with(supervisor_self self, const run_id& run, const loaded_run& past) {
  auto* seat = find_seat(self, run);
  if (seat == nullptr)
    return;
  if (const auto status = last_status(past); is_terminal(status))
    return end_run(self, {run, status, {}});  // only its last word was lost
  for (const auto& append : past.journal)
    seat->life = std::max(seat->life, append.life);
  ++seat->life.value;
  if (!seat->may_restart)
    return end_crash_loop(self, *seat, past);
  seat->past = past;
  ++self->state.deps.counters->runs_resumed;
  spawn_run(self, run);
}

/// Of an earlier process: nothing here knows it yet.
void enter_unfinished(supervisor_self self, const run_id& run, const loaded_run& past) {
  auto state = run_state{};
  auto view = run_view{};
  view.keeps_steps = false;
  auto& seats = self->state.seats;
  if (!replay(past, state, view) || state.spec == nullptr) {
    seats.erase(run.value);  // unreadable: for a human to look at
    return;
  }
  self->state.rules.enter(run, state.spec->limits);
  if (self->state.rules.is_live(run)) {
    go_on_with(self, run, past);
  } else {
    auto& seat = seats.at(run.value);
    seat.past = past;
    seat.life = {state.life.value + 1};
  }
  show_gauges(self);
}

/// Reads a run behind whatever was sent to the journal before, so that nothing of it is missed.
void reload_run(supervisor_self self, const run_id& run) {
  self->state.seats.at(run.value).reload_failed = false;
  const auto failed = [self, run](const caf::error&) {
    if (auto* seat = find_seat(self, run))
      seat->reload_failed = true;  // the next sweep tries again
  };
  const auto load = [self, run, failed](const done&) {
    if (!find_seat(self, run))
      return;
    self->request(self->state.deps.archive, request_timeout, load_run{run})
      .then(
        [self, run](const loaded_run& past) {
          if (!find_seat(self, run))
            return;
          if (self->state.rules.knows(run))
            go_on_with(self, run, past);
          else
            enter_unfinished(self, run, past);
        },
        failed);
  };
  self->request(self->state.deps.journal, request_timeout, settle_appends{}).then(load, failed);
}

void on_down(supervisor_self self, const caf::down_msg& down) {
  auto& life = self->state;
  const auto gone = life.by_actor.extract(down.source.id());
  auto* seat = gone.empty() ? nullptr : find_seat(self, gone.mapped());
  if (seat == nullptr || seat->actor.id() != down.source.id())  // it ended in good order
    return;
  const auto& run = gone.mapped();
  ++life.deps.counters->run_crashes;
  const auto orphans = cancel_calls{run, seat->life};
  for (const auto& [name, tier] : life.services->tiers)
    send_urgent(self, tier, orphans);
  for (const auto& [name, tool] : life.services->tools)
    send_urgent(self, tool, orphans);
  seat->actor = run_actor{};
  set_busy(self, *seat, false);
  seat->reason = resume_reason::crash;
  seat->may_restart = life.rules.may_restart(run, life.deps.now());
  reload_run(self, run);
}

// --- runs of earlier processes ---

void seat_unfinished(supervisor_self self, const run_row& row) {
  if (find_seat(self, row.run) != nullptr)
    return;
  auto& seat = self->state.seats[row.run.value];
  seat.owner = row.owner;
  seat.accepted = true;
  seat.reason = resume_reason::restart;
  reload_run(self, row.run);
}

void resume_page_from(supervisor_self self, std::uint64_t from) {
  self->state.deps.counters->resuming = true;
  self->request(self->state.deps.archive, request_timeout, list_unfinished{from, resume_page})
    .then(
      [self](const run_rows& page) {
        for (const auto& row : page.rows)
          seat_unfinished(self, row);
        if (page.rows.size() == resume_page)
          resume_page_from(self, page.rows.back().accepted + 1);
        else
          self->state.deps.counters->resuming = false;
      },
      [self, from](const caf::error&) { self->state.resume_from = from; });
}

// --- what live runs ask ---

void on_reserve(supervisor_self self, const reserve_step& msg) {
  auto& life = self->state;
  auto* seat = find_seat(self, msg.call.run);
  if (seat == nullptr || !seat->actor || seat->life != msg.call.life)
    return;
  if (life.rules.draining) {
    self->send(seat->actor, step_held{msg.call});
    return set_busy(self, *seat, false);
  }
  const auto answer = life.rules.reserve(msg.call.run, msg.spent, msg.request);
  if (const auto* grant = std::get_if<budget_grant>(&answer)) {
    ++life.deps.counters->steps_granted;
    set_busy(self, *seat, true);
    self->send(seat->actor,
               step_granted{msg.call, msg.request.kind, grant->amount, grant->reply_tokens_max});
  } else {
    ++life.deps.counters->steps_refused;
    self->send(seat->actor, step_refused{msg.call, std::get<budget_refusal>(answer)});
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
  auto* seat = find_seat(self, msg.run, msg.who);
  if (seat == nullptr)
    return to_caf_error({errc::run_not_found, "no such live run"});
  seat->cancels.push_back(self->make_response_promise<run_ended>());
  seat->cancel_reason = msg.reason;
  if (seat->actor)
    send_urgent(self, seat->actor, cancel{msg.reason});
  else if (seat->accepted && !seat->past.journal.empty())
    spawn_run(self, msg.run);  // it queued: its actor writes down the end
  return seat->cancels.back();
}

caf::result<done> on_answer(supervisor_self self, const answer_run& msg) {
  auto* seat = find_seat(self, msg.run, msg.who);
  if (seat == nullptr)
    return to_caf_error({errc::run_not_found, "no such live run"});
  if (!seat->actor)
    return to_caf_error({errc::not_awaiting_user, "nothing is asked"});
  const auto ticket = self->state.next_ticket++;
  auto& promise = self->state.answers[ticket];
  promise = self->make_response_promise<done>();
  self->send(seat->actor, user_answer{ticket, msg.text, msg.size, msg.question_id});
  return promise;
}

template <class Value>
void deliver_answer(supervisor_self self, std::uint64_t ticket, Value value) {
  if (auto found = self->state.answers.extract(ticket); !found.empty())
    found.mapped().deliver(std::move(value));
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
  self->delayed_send(self, sweep_period, sweep{});
}

caf::result<done> on_drain(supervisor_self self) {
  self->state.rules.draining = true;
  show_gauges(self);
  if (self->state.busy == 0)
    return done{};
  self->state.drained = self->make_response_promise<done>();
  return self->state.drained;
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
    answer.deliver(msg.reason);
  if (self->state.drained.pending())
    self->state.drained.deliver(done{});
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
  self->delayed_send(self, sweep_period, sweep{});
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
