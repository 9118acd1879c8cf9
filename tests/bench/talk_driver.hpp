#pragma once
// Makes conversations and says something in each of them, again when the answer has come, as often
// as is wanted; all conversations at once.

#include "tests/bench/event_check.hpp"
#include "tests/bench/measured_system.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace persona_runtime::bench {

class talk_driver {
public:
  talk_driver(measured_system& on, const bench_settings& settings);

  /// Returns when every answer has come, or nothing has moved for too long.
  void run();

  /// Reads what the server kept, and counts the conversations in which it is not what was said, in
  /// the order in which it was said, with a complete answer behind each.
  [[nodiscard]] std::size_t wrong_talks();

  /// Answers other than 200 and 201, and turns that ended otherwise than `done`, by status.
  [[nodiscard]] const std::map<int, std::size_t>& refused() const { return refused_; }
  [[nodiscard]] std::size_t talks() const { return talks_.size(); }
  [[nodiscard]] std::size_t turns_done() const { return times_.size(); }
  [[nodiscard]] std::size_t unanswered() const { return pool_.open(); }
  [[nodiscard]] std::size_t open_max() const { return open_max_; }
  /// Seconds from what was said to the answer's end, in order of their ends.
  [[nodiscard]] const std::vector<double>& times() const { return times_; }
  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double anonymous_kib_max() const { return anonymous_kib_max_; }

private:
  struct talk {
    std::string id;
    std::size_t said = 0;
    double said_at = 0;
    event_check check;
  };

  void make_talks();
  void say_next(talk& in);
  void on_answered(talk& in, int status);
  void turn_until_idle();
  void look();
  [[nodiscard]] double now_s() const;

  measured_system& system_;
  const bench_settings& settings_;
  http_pool makers_;
  http_pool pool_;
  bench_time began_;
  bench_time moved_;
  bench_time look_due_;
  std::deque<talk> talks_;  // they stay where they are
  std::map<int, std::size_t> refused_;
  std::vector<double> times_;
  std::size_t open_max_ = 0;
  double seconds_ = 0;
  double anonymous_kib_max_ = 0;
};

}  // namespace persona_runtime::bench
