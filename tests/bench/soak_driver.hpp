#pragma once
// Says something at an even rate, whatever becomes of the answers, in conversations that are
// replaced when they have become long.

#include "tests/bench/event_check.hpp"
#include "tests/bench/measured_system.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace persona_runtime::bench {

class soak_driver {
public:
  /// `settings`: rate, turns of a conversation, window.
  soak_driver(measured_system& on, const bench_settings& settings,
              const std::vector<std::string>& personas);

  /// Returns when the window is over and every answer has come, or none has for too long. Calls
  /// `each_second` in between, which should be quick.
  void run(const std::function<void()>& each_second);

  /// Answers other than 200 and 201, and turns that ended otherwise than `done`, by status.
  [[nodiscard]] const std::map<int, std::size_t>& refused() const { return refused_; }
  [[nodiscard]] std::size_t turns_done() const { return times_.size(); }
  /// Turns whose conversation was not there or still had one when their time came: left out.
  [[nodiscard]] std::size_t left_out() const { return left_out_; }
  [[nodiscard]] std::size_t talks_made() const { return talks_made_; }
  [[nodiscard]] std::size_t unanswered() const { return pool_.open(); }
  /// Seconds from what was said to the answer's end.
  [[nodiscard]] const std::vector<double>& times() const { return times_; }

private:
  /// A place for one conversation of a persona after the other.
  struct seat {
    std::string persona;
    std::string talk;  // its id; empty while it is made
    std::size_t said = 0;
    bool is_busy = false;
    bench_time said_at;
    event_check check;
  };

  void make_talk(seat& in);
  void say_next(seat& in);
  void on_answered(seat& in, int status);
  void turn_until(bench_time due);

  measured_system& system_;
  const bench_settings& settings_;
  http_pool pool_;
  std::deque<seat> seats_;  // they stay where they are
  std::map<int, std::size_t> refused_;
  std::vector<double> times_;
  std::size_t said_ = 0;
  std::size_t left_out_ = 0;
  std::size_t talks_made_ = 0;
};

}  // namespace persona_runtime::bench
