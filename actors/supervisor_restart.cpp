// The supervisor's answer to crashes: of one run's actor, and of an earlier process.

#include "actors/call_sender.hpp"
#include "actors/supervisor_seats.hpp"

#include <utility>

namespace persona_runtime::supervising {
namespace {

constexpr auto resume_page = std::uint32_t{200};

/// Until every unfinished run has its seat back, a server that is restarted is not ready.
void show_resuming(supervisor_self self) {
  const auto& life = self->state;
  auto& counters = *life.deps.counters;
  const auto resuming = life.reads_pages || !life.unread.empty();
  const auto before = counters.resuming.exchange(resuming);
  if (before && !resuming && counters.runs_resumed > 0) {
    life.deps.log->write(log_level::info, log_name, "unfinished runs are taken up again",
                         {{"resumed", std::to_string(counters.runs_resumed)},
                          {"queued", std::to_string(life.rules.queued())}});
  }
}

/// The journal of `run` has been read, or need not be.
void note_read(supervisor_self self, const run_id& run) {
  if (self->state.unread.erase(run.value) > 0)
    show_resuming(self);
}

/// It stays in the journal as it is, for a human to look at.
void give_up_unreadable(supervisor_self self, const run_id& run) {
  self->state.deps.log->write(log_level::error, log_name, "the journal of a run cannot be read",
                              {{"run_id", run.value}});
  drop_seat(self, run, {errc::internal_error, "the journal of " + run.value + " cannot be read"});
}

/// Its actor cannot end the run, so its records are written here.
void end_crash_loop(supervisor_self self, run_seat& seat, const run_id& run, loaded_run past) {
  auto state = run_state{};
  auto view = run_view{};
  view.keeps_steps = false;
  auto meter = usage_meter{};
  if (const auto read = replay(past, state, view, meter); !read)
    return give_up_unreadable(self, run);
  state.life = seat.life;
  const auto now = self->state.deps.now();
  auto pending = pending_append{state.pos, state.seq, 0, 0, {}};
  const auto last = decide(state, crashed_too_often{}, self->state.services->rules, now);
  for (const auto& r : last.records) {
    pending.add(state.run, r, now);
    view.apply(r, now);
    meter.note(r);
  }
  auto what = pending.take(state.run, seat.life);
  what.usage = meter.take(state.spec->owner, state.spec->persona, now);
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
  if (const auto status = last_status(past); is_terminal(status)) {
    self->state.services->forget_live(run);
    return end_run(self, {run, status, {}});  // only its last word was lost
  }
  for (const auto& append : past.journal)
    seat->life = std::max(seat->life, append.life);
  ++seat->life.value;
  if (!seat->may_restart)
    return end_crash_loop(self, *seat, run, past);
  seat->past = past;
  ++self->state.deps.counters->runs_resumed;
  spawn_run(self, run);
}

/// Of an earlier process: nothing here knows it yet.
void enter_unfinished(supervisor_self self, const run_id& run, const loaded_run& past) {
  auto state = run_state{};
  auto view = run_view{};
  view.keeps_steps = false;
  auto meter = usage_meter{};
  if (!replay(past, state, view, meter) || state.spec == nullptr)
    return give_up_unreadable(self, run);
  if (is_terminal(state.status))  // it was accepted and ended while its page was being read
    return drop_seat(self, run, {errc::run_not_found, "no such live run"});
  self->state.rules.enter(run, state.spec->limits);
  open_spending(self, run, *state.spec);
  auto& seat = self->state.seats.at(run.value);
  if (self->state.rules.is_live(run) || !seat.cancels.empty()) {
    go_on_with(self, run, past);
  } else {
    seat.past = past;
    seat.life = {state.life.value + 1};
    seat.answers.clear();
    refuse_answers(self, run, {errc::overloaded, "the run waits for its turn to go on", 1s});
  }
  show_gauges(self);
}

void seat_unfinished(supervisor_self self, const run_row& row) {
  if (find_seat(self, row.run) != nullptr)
    return;
  auto& seat = self->state.seats[row.run.value];
  seat.owner = row.owner;
  seat.accepted = true;
  seat.reason = resume_reason::restart;
  self->state.unread.insert(row.run.value);
  reload_run(self, row.run);
}

}  // namespace

void reload_run(supervisor_self self, const run_id& run) {
  self->state.seats.at(run.value).reload_failed = false;
  const auto failed = [self, run](const caf::error&) {
    if (auto* seat = find_seat(self, run))
      seat->reload_failed = true;  // the next sweep tries again
  };
  const auto load = [self, run, failed](const done&) {
    if (!find_seat(self, run))
      return note_read(self, run);
    self->request(self->state.deps.archive, request_timeout, load_run{run})
      .then(
        [self, run](const loaded_run& past) {
          if (find_seat(self, run) != nullptr) {
            if (self->state.rules.knows(run))
              go_on_with(self, run, past);
            else
              enter_unfinished(self, run, past);
          }
          note_read(self, run);
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
  cancel_everywhere(self, *life.services, {run, seat->life});
  seat->actor = run_actor{};
  set_busy(self, *seat, false);
  refuse_answers(
    self, run,
    {errc::journal_unavailable, "the run was interrupted; see whether it still asks", 1s});
  seat->reason = resume_reason::crash;
  seat->may_restart = life.rules.may_restart(run, life.deps.now());
  life.deps.log->write(log_level::error, log_name, "a run's actor has crashed",
                       {{"run_id", run.value},
                        {"incarnation", std::to_string(seat->life.value)},
                        {"restarts", seat->may_restart ? "true" : "false"}});
  reload_run(self, run);
}

void resume_page_from(supervisor_self self, std::uint64_t from) {
  self->state.reads_pages = true;
  show_resuming(self);
  self->request(self->state.deps.archive, request_timeout, list_unfinished{from, resume_page})
    .then(
      [self](const run_rows& page) {
        for (const auto& row : page.rows)
          seat_unfinished(self, row);
        if (page.rows.size() == resume_page)
          resume_page_from(self, page.rows.back().accepted + 1);
        else
          self->state.reads_pages = false;
        show_resuming(self);
      },
      [self, from](const caf::error&) { self->state.resume_from = from; });
}

}  // namespace persona_runtime::supervising
