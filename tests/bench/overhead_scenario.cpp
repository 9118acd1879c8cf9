#include "tests/bench/first_words.hpp"
#include "tests/bench/kept_away.hpp"
#include "tests/bench/scenarios.hpp"
#include "tests/bench/times.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto connections_max = std::size_t{512};
constexpr auto in_flight_at_most = std::size_t{64};  // while the highest rate is looked for
constexpr auto patience = 60s;

double microseconds_since(bench_time begin) {
  return std::chrono::duration<double, std::micro>(bench_clock::now() - begin).count();
}

/// The same question to the engine and, when its answer has ended, to the model itself. Turns both
/// pools, so that an answer of either is seen when it comes.
class paired_calls {
public:
  paired_calls(measured_system& on, std::string direct)
    : system_{on}, direct_{std::move(direct)},
      to_engine_{on.port(), connections_max}, to_model_{on.simulator_port(), connections_max} {
    both_.add(to_engine_.descriptor(), 0, true, false);
    both_.add(to_model_.descriptor(), 1, true, false);
  }

  void ask(bool and_directly) {
    auto call = std::make_shared<one_call>();
    call->began = bench_clock::now();
    to_engine_.send({system_.completion_request(++asked_),
                     [call](std::string_view bytes) { call->take_in(bytes); },
                     [this, call, and_directly](const pool_answer& got) {
                       on_answered(*call, got.status, and_directly);
                     }});
  }

  void turn(std::chrono::nanoseconds wait_max) {
    auto& pools = pools_;
    both_.wait(wait_max, [&pools](std::uint64_t which, bool, bool) { pools.at(which)->turn(0ns); });
  }

  [[nodiscard]] std::size_t open() const { return to_engine_.open() + to_model_.open(); }
  [[nodiscard]] std::size_t answered() const { return answered_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] const std::vector<double>& through_engine() const { return through_engine_; }
  [[nodiscard]] const std::vector<double>& directly() const { return directly_; }
  /// Counts from here on; while nothing is open.
  void start_over() {
    answered_ = 0;
    failed_ = 0;
    through_engine_.clear();
    directly_.clear();
  }

private:
  struct one_call {
    bench_time began;
    first_words words;
    double first_us = -1;  // from the request to the first word
    void take_in(std::string_view bytes) {
      if (first_us < 0 && words.feed(bytes))
        first_us = microseconds_since(began);
    }
  };

  void on_answered(const one_call& call, int status, bool and_directly) {
    if (status != 200 || call.first_us < 0) {
      ++failed_;
      return;
    }
    ++answered_;
    if (and_directly)
      ask_directly(call.first_us);
  }

  void ask_directly(double engine_us) {
    auto call = std::make_shared<one_call>();
    call->began = bench_clock::now();
    to_model_.send({direct_, [call](std::string_view bytes) { call->take_in(bytes); },
                    [this, call, engine_us](const pool_answer& got) {
                      if (got.status != 200 || call->first_us < 0) {
                        ++failed_;
                        return;
                      }
                      through_engine_.push_back(engine_us);
                      directly_.push_back(call->first_us);
                    }});
  }

  measured_system& system_;
  const std::string direct_;
  http_pool to_engine_;
  http_pool to_model_;
  const std::array<http_pool*, 2> pools_{&to_engine_, &to_model_};
  epoll_set both_;
  std::size_t asked_ = 0;
  std::size_t answered_ = 0;
  std::size_t failed_ = 0;
  std::vector<double> through_engine_;
  std::vector<double> directly_;
};

void turn_until_idle(paired_calls& calls) {
  const auto due = bench_clock::now() + patience;
  while (calls.open() > 0 && bench_clock::now() < due)
    calls.turn(10ms);
}

/// Answers per second while there are always as many questions.
double rate_of_so_many(paired_calls& calls, std::chrono::nanoseconds window) {
  calls.start_over();
  const auto began = bench_clock::now();
  while (bench_clock::now() < began + window) {
    while (calls.open() < in_flight_at_most)
      calls.ask(false);
    calls.turn(10ms);
  }
  const auto rate = static_cast<double>(calls.answered()) / microseconds_since(began) * 1e6;
  turn_until_idle(calls);
  return rate;
}

/// The connections of both sides, what the key's model may have open, and what is read once: all
/// of it once per server, not per call.
void warm_up(paired_calls& calls, std::chrono::nanoseconds window) {
  static_cast<void>(rate_of_so_many(calls, window / 4));
}

/// Pairs at even distances, whatever becomes of them. Returns how many are open at the end.
std::size_t ask_evenly(paired_calls& calls, double per_second, std::chrono::nanoseconds window) {
  const auto gap = std::chrono::duration_cast<std::chrono::nanoseconds>(
    std::chrono::duration<double>{1.0 / per_second});
  const auto began = bench_clock::now();
  for (auto due = began; due < began + window;) {
    const auto left = due - bench_clock::now();
    if (left > 0ns) {
      calls.turn(left);
    } else {
      calls.ask(true);
      due += gap;
    }
  }
  const auto open = calls.open();
  turn_until_idle(calls);
  return open;
}

/// The first of a falling row of rates, from `first` on, at which nothing is refused and answers
/// keep up with questions; 0: there is none.
double highest_even_rate(paired_calls& calls, double first, std::chrono::nanoseconds window) {
  constexpr auto tries_max = 30;
  auto rate = first;
  for (auto tries = 0; tries < tries_max; ++tries, rate *= 0.95) {
    calls.start_over();
    const auto open = ask_evenly(calls, rate, window);
    if (open <= in_flight_at_most && calls.failed() == 0)
      return rate;
  }
  return 0;
}

void add_shares(std::string_view name, std::vector<double> times, report& to,
                std::string_view p50_aim, std::string_view p99_aim) {
  std::sort(times.begin(), times.end());
  to.add("p50 " + std::string{name}, share_of(times, 0.5), "us", std::string{p50_aim});
  to.add("p99 " + std::string{name}, share_of(times, 0.99), "us", std::string{p99_aim});
}

void add_pairs(const paired_calls& calls, report& to) {
  auto added = std::vector<double>{};
  for (auto i = std::size_t{0}; i < calls.directly().size(); ++i)
    added.push_back(calls.through_engine()[i] - calls.directly()[i]);
  to.add("pairs", static_cast<double>(added.size()));
  add_shares("to the first word, model alone", calls.directly(), to, "", "");
  add_shares("to the first word, through the engine", calls.through_engine(), to, "", "");
  add_shares("added", std::move(added), to, "at most 300", "at most 3,000");
}

void add_machine(const kept_away& by_others, report& to) {
  to.add("processors busy with others", by_others.share * 100, "%");
  to.add("kept away for 1 ms or more", by_others.gaps_per_s, "/s");
  to.add("kept away for, at most", by_others.longest_us, "us");
}

/// The request that the engine makes of one question, byte for byte; empty when it makes none.
std::string engines_own_request(measured_system& system) {
  auto calls = paired_calls{system, {}};
  calls.ask(false);
  turn_until_idle(calls);
  return calls.failed() == 0 ? system.recorded_last() : std::string{};
}

}  // namespace

report measure_overhead(const bench_settings& settings) {
  auto to = report{"what the engine adds to the first word of a completion", {}, {}};
  auto system = measured_system{settings};
  auto direct = system.problem().empty() ? engines_own_request(system) : std::string{};
  if (direct.empty()) {
    to.losses.push_back(system.problem().empty() ? "the first call failed" : system.problem());
    system.keep_folder();
    return to;
  }
  auto calls = paired_calls{system, std::move(direct)};
  auto rate = settings.rate;
  warm_up(calls, settings.window);
  if (rate <= 0) {
    const auto busiest = rate_of_so_many(calls, settings.window);
    if (calls.failed() > 0)
      to.losses.emplace_back("calls failed while 64 were open");
    const auto highest = highest_even_rate(calls, busiest, settings.window / 4);
    to.add("highest rate, 64 at once", busiest, "/s");
    to.add("highest rate, evenly", highest, "/s");
    if (highest <= 0)
      to.losses.emplace_back("no even rate was found at which calls are answered in time");
    rate = std::max(highest / 2, 1.0);
  }
  calls.start_over();
  add_machine(measure_kept_away(settings.window / 4), to);
  to.add("rate of the pairs", rate, "/s");
  const auto before = system.server().processor_s;
  ask_evenly(calls, rate, settings.window);
  const auto spent_s = system.server().processor_s - before;
  add_pairs(calls, to);
  to.add("engine processor time per call",
         spent_s / std::max(static_cast<double>(calls.answered()), 1.0) * 1e6, "us");
  if (calls.failed() + calls.open() > 0) {
    to.losses.push_back(std::to_string(calls.failed()) + " calls failed and "
                        + std::to_string(calls.open()) + " did not end");
    system.keep_folder();
  }
  if (!system.end_server())
    to.losses.emplace_back("the server did not leave in an orderly way");
  return to;
}

}  // namespace persona_runtime::bench
