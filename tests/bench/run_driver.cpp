#include "tests/bench/run_driver.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto starters_max = std::size_t{64};
constexpr auto sample_every = 250ms;
constexpr auto silence_max = 30s;  // beside the time of a run

}  // namespace

run_driver::run_driver(measured_system& on, const bench_settings& settings)
  : system_{on}, settings_{settings}, starters_{on.port(), starters_max},
    viewers_{on.port(), std::max<std::size_t>(settings.viewers, 1)} {
}

double run_driver::now_s() const {
  return std::chrono::duration<double>(bench_clock::now() - began_).count();
}

void run_driver::run() {
  const auto run_time = 6 * settings_.delay;
  began_ = bench_clock::now();
  moved_ = began_;
  sample_due_ = began_;
  do {
    start_due();
    viewers_.turn(0ns);
    starters_.turn(1ms);
    if (bench_clock::now() >= sample_due_) {
      sample();
      sample_due_ = bench_clock::now() + sample_every;
    }
  } while (!is_over() && system_.is_server_alive()
           && bench_clock::now() - moved_ < silence_max + run_time);
  seconds_ = now_s();
  unanswered_ = starters_.open();
}

void run_driver::start_due() {
  const auto span = std::chrono::duration<double>(settings_.arrivals).count();
  const auto share = span > 0 ? std::min(now_s() / span, 1.0) : 1.0;
  const auto due = static_cast<std::size_t>(share * static_cast<double>(settings_.runs));
  while (started_ < due)
    start_run(started_++);
}

void run_driver::start_run(std::size_t number) {
  const auto sent_s = now_s();
  starters_.send({system_.run_request(number), {}, [this, number, sent_s](const pool_answer& got) {
                    accept_max_s_ = std::max(accept_max_s_, now_s() - sent_s);
                    moved_ = bench_clock::now();
                    if (got.status != 202) {
                      ++refused_[got.status];
                      return;
                    }
                    accepted_.push_back(id_in(got.body));
                    const auto before = number * settings_.viewers / settings_.runs;
                    if ((number + 1) * settings_.viewers / settings_.runs > before)
                      watch(accepted_.back());
                  }});
}

void run_driver::watch(const std::string& run) {
  auto& seen = watched_.emplace_back();
  viewers_.send({http_text("GET", "/v1/runs/" + run + "/events"),
                 [&seen](std::string_view bytes) { seen.check.feed(bytes); },
                 [this, &seen](const pool_answer& got) {
                   seen.status = got.status;
                   moved_ = bench_clock::now();
                 }});
}

void run_driver::sample() {
  auto now = system_sample{now_s(), system_.metric("persona_runs_live"), system_.server()};
  if (samples_.empty() || samples_.back().live != now.live)
    moved_ = bench_clock::now();
  const auto is_peak = std::all_of(samples_.begin(), samples_.end(),
                                   [&now](const auto& s) { return s.live < now.live; });
  if (is_peak)
    descriptors_max_ = descriptors_of(system_.server_pid());
  samples_.push_back(now);
}

bool run_driver::is_over() const {
  return started_ == settings_.runs && starters_.open() == 0 && viewers_.open() == 0
         && !samples_.empty() && samples_.back().live == 0
         && samples_.back().at_s > std::chrono::duration<double>(settings_.arrivals).count();
}

}  // namespace persona_runtime::bench
