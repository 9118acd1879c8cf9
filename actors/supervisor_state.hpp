#pragma once
// The supervisor's rules: admission, budgets, deadlines, crashes. No CAF, no clock.

#include "domain/budget/ledger.hpp"
#include "domain/failure.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace persona_runtime {

struct supervisor_limits {
  std::size_t runs_live_max = 10'000;
  std::size_t runs_queued_max = 1'000;
  std::size_t crashes_max = 3;  // this many within crash_window end the run
  std::chrono::milliseconds crash_window{60'000};
  std::chrono::milliseconds question_timeout{86'400'000};
};

/// What is due for a run.
struct due_run {
  run_id run;
  bool deadline = false;               // else: its question
  std::optional<identity> question{};  // whose time is up
};

class supervisor_state {
public:
  explicit supervisor_state(supervisor_limits limits = {}) : limits_{limits} {}

  /// May one more run be accepted? Fails with journal_unavailable, overloaded.
  [[nodiscard]] result<void> admit() const;

  /// Notes a run. It is live at once, or queues until one of the live ones ends.
  void enter(const run_id& run, const run_limits& limits);
  [[nodiscard]] bool is_live(const run_id& run) const;
  [[nodiscard]] bool knows(const run_id& run) const { return runs_.contains(run.value); }

  /// The next queued run that may begin now; it counts as live from here on.
  [[nodiscard]] std::optional<run_id> next_queued();

  [[nodiscard]] budget_answer reserve(const run_id& run, const budget_amount& spent,
                                      const budget_request& request,
                                      std::optional<double> cents_left = std::nullopt,
                                      std::uint64_t held_tokens = 0) {
    return ledger_.reserve(run, spent, request, cents_left, held_tokens);
  }

  /// Notes a crash. True: the run may be restarted; false: it has crashed too often.
  [[nodiscard]] bool may_restart(const run_id& run, instant now);

  /// A question was asked at `now`; replaces the run's earlier one.
  void await_answer(const identity& question, instant now);

  /// Deadlines and questions whose time is not after `now`, earliest first; each is told once.
  [[nodiscard]] std::vector<due_run> take_due(instant now);

  /// Releases all that the run held.
  void forget(const run_id& run);

  [[nodiscard]] std::size_t live() const { return live_; }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] bool is_full() const {
    return live_ >= limits_.runs_live_max && queue_.size() >= limits_.runs_queued_max;
  }

  bool journal_available = true;
  bool draining = false;

private:
  struct entry {
    bool live = false;
    std::optional<instant> deadline;
    std::optional<std::pair<instant, identity>> question;
    std::deque<instant> crashes;  // at most crashes_max
  };
  supervisor_limits limits_;
  ledger ledger_;
  std::unordered_map<std::string, entry> runs_;
  std::deque<run_id> queue_;  // bounded by runs_queued_max
  std::size_t live_ = 0;
  std::set<std::pair<instant, std::string>> deadlines_;
  std::set<std::pair<instant, std::string>> questions_;
};

}  // namespace persona_runtime
