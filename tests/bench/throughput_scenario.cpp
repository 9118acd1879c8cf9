#include "tests/bench/bare_loop.hpp"
#include "tests/bench/played_model.hpp"
#include "tests/bench/scenarios.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

/// Keeps a number of runs in flight: each request waits for its run's end and is followed by the
/// next one.
class closed_loop {
public:
  closed_loop(measured_system& on, std::size_t in_flight)
    : system_{on}, in_flight_{in_flight}, pool_{on.port(), in_flight} {}

  void turn_until(bench_time due) {
    while (bench_clock::now() < due) {
      while (goes_on_ && pool_.open() < in_flight_)
        start();
      pool_.turn(100ms);
      if (!goes_on_ && pool_.open() == 0)
        return;
    }
  }
  void stop() { goes_on_ = false; }
  [[nodiscard]] std::size_t completed() const { return completed_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] std::size_t open() const { return pool_.open(); }

private:
  void start() {
    pool_.send({system_.run_request(++started_, "?wait=300"), {}, [this](const pool_answer& got) {
                  const auto is_right =
                    got.status == 200
                    && got.body.find("\"status\":\"completed\"") != std::string::npos;
                  ++(is_right ? completed_ : failed_);
                }});
  }

  measured_system& system_;
  const std::size_t in_flight_;
  http_pool pool_;
  std::size_t started_ = 0;
  std::size_t completed_ = 0;
  std::size_t failed_ = 0;
  bool goes_on_ = true;
};

struct row_figures {
  double runs_per_s = 0;
  double calls_per_s = 0;
  double engine_us = 0;     // processor time of the server per model call
  double simulator_us = 0;  // of the endpoint
};

row_figures measure_row(measured_system& system, const bench_settings& set, std::size_t in_flight,
                        report& to) {
  auto loop = closed_loop{system, in_flight};
  // Until as many as there are to be have been accepted and every connection is warm.
  const auto warm_up = set.window / 4 + std::chrono::milliseconds{in_flight};
  loop.turn_until(bench_clock::now() + warm_up);
  const auto completed = loop.completed();
  const auto calls = system.simulated("calls");
  const auto simulator_s = system.simulator().processor_s;
  const auto server_s = system.server().processor_s;
  const auto began = bench_clock::now();
  loop.turn_until(began + set.window);
  const auto seconds = std::chrono::duration<double>(bench_clock::now() - began).count();
  const auto spent_s = system.server().processor_s - server_s;
  const auto made = std::max(system.simulated("calls") - calls, 1.0);
  auto row = row_figures{};
  row.runs_per_s = static_cast<double>(loop.completed() - completed) / seconds;
  row.calls_per_s = made / seconds;
  row.engine_us = spent_s / made * 1e6;
  row.simulator_us = (system.simulator().processor_s - simulator_s) / made * 1e6;
  loop.stop();
  loop.turn_until(bench_clock::now() + 120s);
  if (loop.failed() + loop.open() > 0)
    to.losses.push_back(std::to_string(loop.failed()) + " runs failed and "
                        + std::to_string(loop.open()) + " did not end at "
                        + std::to_string(in_flight) + " in flight");
  return row;
}

void add_row(const row_figures& row, const bare_figures& bare, std::size_t in_flight, report& to) {
  const auto at = " @" + std::to_string(in_flight);
  const auto bare_calls = static_cast<double>(std::max<std::size_t>(bare.calls, 1));
  const auto bare_us = bare.processor_s / bare_calls * 1e6;
  const auto is_aimed = in_flight == 64 || in_flight == 512;
  to.add("runs per second" + at, row.runs_per_s, "/s");
  to.add("model calls per second" + at, row.calls_per_s, "/s");
  to.add("engine processor time per model call" + at, row.engine_us, "us",
         is_aimed ? "aim 60" : "");
  to.add("endpoint processor time per call" + at, row.simulator_us, "us");
  to.add("bare loop: calls per second" + at, bare_calls / bare.seconds, "/s");
  to.add("bare loop: processor time per call" + at, bare_us, "us");
  to.add("engine / bare, calls per second" + at, row.calls_per_s / (bare_calls / bare.seconds));
  to.add("engine / bare, processor time" + at, row.engine_us / bare_us, "x");
}

/// One run, so that the endpoint has seen every request. False when it does not end well.
bool warm_up(measured_system& system) {
  auto loop = closed_loop{system, 1};
  const auto due = bench_clock::now() + 30s;
  while (loop.completed() == 0 && bench_clock::now() < due)
    loop.turn_until(bench_clock::now() + 50ms);
  loop.stop();
  loop.turn_until(bench_clock::now() + 30s);
  return loop.completed() > 0 && loop.failed() == 0;
}

}  // namespace

report measure_throughput(const bench_settings& settings) {
  auto to =
    report{std::string{"a model that answers at once, "} + std::to_string(settings.tokens)
             + (settings.segment_per_token ? " tokens, a segment each" : " tokens, one segment"),
           {},
           {}};
  auto system = measured_system{settings};
  const auto requests =
    system.problem().empty() && warm_up(system) ? system.recorded() : std::vector<std::string>{};
  if (requests.empty()) {
    to.losses.push_back(system.problem().empty() ? "the first run failed" : system.problem());
    system.keep_folder();
    return to;
  }
  to.add("bytes of the first request", static_cast<double>(requests.front().size()));
  to.add("bytes of the last request", static_cast<double>(requests.back().size()));
  for (const auto in_flight : settings.in_flight) {
    const auto row = measure_row(system, settings, in_flight, to);
    auto bare = bare_loop{system.simulator_port(), requests, in_flight};
    add_row(row, bare.run(settings.window), in_flight, to);
  }
  if (!to.losses.empty())
    system.keep_folder();
  if (!system.end_server())
    to.losses.emplace_back("the server did not leave in an orderly way");
  return to;
}

report measure_idle(const bench_settings& settings) {
  auto to = report{"idle", {}, {}};
  auto system = measured_system{settings};
  if (!system.problem().empty()) {
    to.losses.push_back(system.problem());
    return to;
  }
  const auto pause = [](std::chrono::nanoseconds time) {
    epoll_set{}.wait(time, [](std::uint64_t, bool, bool) {});
  };
  to.add("RssAnon after the start", system.server().anonymous_kib / 1024, "MiB");
  pause(settings.settle);
  const auto before = system.server();
  const auto window = std::max<std::chrono::seconds>(settings.window, 10s);
  pause(window);
  const auto after = system.server();
  const auto seconds = static_cast<double>(window.count());
  to.add("seconds before measuring", static_cast<double>(settings.settle.count()), "s");
  to.add("processor time", (after.processor_s - before.processor_s) / seconds * 100, "% core",
         "under 0.5");
  to.add("RssAnon", after.anonymous_kib / 1024, "MiB", "under 30");
  to.add("VmRSS", after.resident_kib / 1024, "MiB");
  to.add("threads", static_cast<double>(after.threads));
  return to;
}

}  // namespace persona_runtime::bench
