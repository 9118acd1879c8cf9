#pragma once
// Starts runs at the pace they are to arrive, opens viewers for some, and waits for all to end.

#include "tests/bench/event_check.hpp"
#include "tests/bench/measured_system.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace persona_runtime::bench {

/// One look at the server.
struct system_sample {
  double at_s = 0;  // since the first arrival
  double live = 0;
  process_reading server;
};

struct watched_run {
  event_check check;
  int status = 0;
};

class run_driver {
public:
  /// Every n-th run gets a viewer, so that `settings.viewers` do in all.
  run_driver(measured_system& on, const bench_settings& settings);

  /// Returns when nothing is live any more, or nothing has moved for too long.
  void run();

  [[nodiscard]] const std::vector<std::string>& accepted() const { return accepted_; }
  /// Answers other than 202, by status.
  [[nodiscard]] const std::map<int, std::size_t>& refused() const { return refused_; }
  [[nodiscard]] const std::deque<watched_run>& watched() const { return watched_; }
  [[nodiscard]] const std::vector<system_sample>& samples() const { return samples_; }
  /// Requests to start a run that got no answer.
  [[nodiscard]] std::size_t unanswered() const { return unanswered_; }
  [[nodiscard]] double seconds() const { return seconds_; }
  /// The slowest answer to a request that started a run.
  [[nodiscard]] double accept_max_s() const { return accept_max_s_; }
  [[nodiscard]] std::size_t descriptors_max() const { return descriptors_max_; }

private:
  void start_due();
  void start_run(std::size_t number);
  void watch(const std::string& run);
  void sample();
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] double now_s() const;

  measured_system& system_;
  const bench_settings& settings_;
  http_pool starters_;
  http_pool viewers_;
  bench_time began_;
  bench_time sample_due_;
  bench_time moved_;  // when a figure last changed
  std::size_t started_ = 0;
  std::vector<std::string> accepted_;
  std::map<int, std::size_t> refused_;
  std::deque<watched_run> watched_;
  std::vector<system_sample> samples_;
  std::size_t unanswered_ = 0;
  double seconds_ = 0;
  double accept_max_s_ = 0;
  std::size_t descriptors_max_ = 0;
};

}  // namespace persona_runtime::bench
