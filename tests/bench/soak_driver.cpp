#include "tests/bench/soak_driver.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto soak_connections_max = std::size_t{1'000};
constexpr auto seats_per_persona = std::size_t{5};
constexpr auto soak_patience = 60s;

}  // namespace

soak_driver::soak_driver(measured_system& on, const bench_settings& settings,
                         const std::vector<std::string>& personas)
  : system_{on}, settings_{settings}, pool_{on.port(), soak_connections_max} {
  for (auto i = std::size_t{0}; i < seats_per_persona; ++i)
    for (const auto& persona : personas)
      seats_.emplace_back().persona = persona;
}

void soak_driver::run(const std::function<void()>& each_second) {
  for (auto& each : seats_)
    make_talk(each);
  const auto made_by = bench_clock::now() + soak_patience;
  while (pool_.open() > 0 && bench_clock::now() < made_by)
    pool_.turn(10ms);
  const auto gap = std::chrono::duration_cast<std::chrono::nanoseconds>(
    std::chrono::duration<double>{1.0 / settings_.rate});
  const auto begin = bench_clock::now();
  auto look_due = begin;
  for (auto due = begin; due < begin + settings_.window; due += gap) {
    turn_until(due);
    say_next(seats_[said_++ % seats_.size()]);
    if (due < look_due)
      continue;
    each_second();
    look_due += 1s;
  }
  const auto ended_by = bench_clock::now() + soak_patience;
  while (pool_.open() > 0 && bench_clock::now() < ended_by)
    pool_.turn(10ms);
}

void soak_driver::turn_until(bench_time due) {
  for (auto left = due - bench_clock::now(); left > 0ns; left = due - bench_clock::now())
    pool_.turn(left);
}

void soak_driver::make_talk(seat& in) {
  in.talk.clear();
  in.said = 0;
  pool_.send({system_.talk_request(in.persona), {}, [this, &in](const pool_answer& got) {
                if (got.status != 201) {
                  ++refused_[got.status];
                  return;
                }
                ++talks_made_;
                in.talk = id_in(got.body);
              }});
}

void soak_driver::say_next(seat& in) {
  if (in.is_busy || in.talk.empty()) {
    ++left_out_;
    return;
  }
  const auto body = R"({"content":"Plan berth )" + std::to_string(said_) + R"( for the night."})";
  ++in.said;
  in.is_busy = true;
  in.said_at = bench_clock::now();
  in.check = {};
  pool_.send({http_text("POST", "/v1/conversations/" + in.talk + "/messages", body),
              [&in](std::string_view bytes) { in.check.feed(bytes); },
              [this, &in](const pool_answer& got) { on_answered(in, got.status); }});
}

void soak_driver::on_answered(seat& in, int status) {
  in.is_busy = false;
  if (status == 200 && in.check.is_done())
    times_.push_back(std::chrono::duration<double>(bench_clock::now() - in.said_at).count());
  else
    ++refused_[status];
  if (in.said >= settings_.turns)
    make_talk(in);
}

}  // namespace persona_runtime::bench
