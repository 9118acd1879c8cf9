#include "actors/supervisor_state.hpp"

#include <algorithm>

namespace persona_runtime {

using namespace std::chrono_literals;

result<void> supervisor_state::admit() const {
  if (draining)
    return failure{errc::overloaded, "the server is stopping", 5s};
  if (!journal_available)
    return failure{errc::journal_unavailable, "the journal cannot be written", 1s};
  if (is_full())
    return failure{errc::overloaded, "too many runs are live and queued", 1s};
  return {};
}

void supervisor_state::enter(const run_id& run, const run_limits& limits) {
  auto& e = runs_[run.value];
  e.deadline = limits.deadline;
  if (e.deadline)
    deadlines_.emplace(*e.deadline, run.value);
  ledger_.open(run, limits);
  e.live = live_ < limits_.runs_live_max;
  if (e.live)
    ++live_;
  else
    queue_.push_back(run);
}

bool supervisor_state::is_live(const run_id& run) const {
  const auto i = runs_.find(run.value);
  return i != runs_.end() && i->second.live;
}

std::optional<run_id> supervisor_state::next_queued() {
  if (queue_.empty() || live_ >= limits_.runs_live_max)
    return std::nullopt;
  auto run = std::move(queue_.front());
  queue_.pop_front();
  runs_.at(run.value).live = true;
  ++live_;
  return run;
}

bool supervisor_state::may_restart(const run_id& run, instant now) {
  auto& crashes = runs_.at(run.value).crashes;
  crashes.push_back(now);
  while (now.value - crashes.front().value >= limits_.crash_window.count())
    crashes.pop_front();
  return crashes.size() < limits_.crashes_max;
}

void supervisor_state::await_answer(const identity& question, instant now) {
  const auto i = runs_.find(question.run.value);
  if (i == runs_.end())
    return;
  auto& e = i->second;
  if (e.question)
    questions_.erase({e.question->first, question.run.value});
  const auto due = instant{now.value + limits_.question_timeout.count()};
  e.question = {due, question};
  questions_.emplace(due, question.run.value);
}

std::vector<due_run> supervisor_state::take_due(instant now) {
  auto found = std::vector<due_run>{};
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    found.push_back({{deadlines_.begin()->second}, true});
    deadlines_.erase(deadlines_.begin());
  }
  while (!questions_.empty() && questions_.begin()->first <= now) {
    auto& e = runs_.at(questions_.begin()->second);
    found.push_back({{questions_.begin()->second}, false, e.question->second});
    e.question.reset();
    questions_.erase(questions_.begin());
  }
  return found;
}

void supervisor_state::forget(const run_id& run) {
  const auto i = runs_.find(run.value);
  if (i == runs_.end())
    return;
  const auto& e = i->second;
  if (e.deadline)
    deadlines_.erase({*e.deadline, run.value});
  if (e.question)
    questions_.erase({e.question->first, run.value});
  if (e.live)
    --live_;
  else
    std::erase(queue_, run);
  runs_.erase(i);
  ledger_.close(run);
}

}  // namespace persona_runtime
