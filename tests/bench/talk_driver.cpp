#include "tests/bench/talk_driver.hpp"

#include "tests/bench/json_text.hpp"

#include <algorithm>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto makers_max = std::size_t{64};
constexpr auto quiet_max = 60s;
constexpr auto look_every = 100ms;

std::string text_of_turn(std::size_t number) {
  return "Plan berth " + std::to_string(number) + " for the night.";
}

bool is_pair(const simdjson::dom::element& question, const simdjson::dom::element& answer,
             std::size_t turn) {
  return text_at(question, "role") == "user" && text_at(question, "content") == text_of_turn(turn)
         && text_at(answer, "role") == "assistant" && !text_at(answer, "content").empty()
         && text_at(answer, "streaming_status") == "complete";
}

bool is_what_was_said(std::string_view json, std::size_t turns) {
  auto parser = simdjson::dom::parser{};
  auto page = simdjson::dom::element{};
  auto items = simdjson::dom::array{};
  if (parser.parse(json.data(), json.size()).get(page) || page["items"].get_array().get(items)
      || items.size() != 2 * turns)
    return false;
  for (auto turn = std::size_t{0}; turn < turns; ++turn) {
    if (!is_pair(items.at(2 * turn).value(), items.at(2 * turn + 1).value(), turn))
      return false;
  }
  return true;
}

}  // namespace

talk_driver::talk_driver(measured_system& on, const bench_settings& settings)
  : system_{on}, settings_{settings}, makers_{on.port(), makers_max}, pool_{on.port(),
                                                                            std::max<std::size_t>(
                                                                              settings.runs, 1)} {
}

double talk_driver::now_s() const {
  return std::chrono::duration<double>(bench_clock::now() - began_).count();
}

void talk_driver::run() {
  moved_ = bench_clock::now();
  make_talks();
  began_ = bench_clock::now();
  moved_ = began_;
  look_due_ = began_;
  for (auto& each : talks_)
    say_next(each);
  turn_until_idle();
  seconds_ = now_s();
}

void talk_driver::make_talks() {
  for (auto i = std::size_t{0}; i < settings_.runs; ++i)
    makers_.send({system_.talk_request(), {}, [this](const pool_answer& got) {
                    moved_ = bench_clock::now();
                    if (got.status == 201)
                      talks_.emplace_back().id = id_in(got.body);
                    else
                      ++refused_[got.status];
                  }});
  while (makers_.open() > 0 && bench_clock::now() - moved_ < quiet_max)
    makers_.turn(10ms);
}

void talk_driver::say_next(talk& in) {
  const auto body = R"({"content":")" + text_of_turn(in.said++) + R"("})";
  in.said_at = now_s();
  in.check = {};
  pool_.send({http_text("POST", "/v1/conversations/" + in.id + "/messages", body),
              [&in](std::string_view bytes) { in.check.feed(bytes); },
              [this, &in](const pool_answer& got) { on_answered(in, got.status); }});
}

void talk_driver::on_answered(talk& in, int status) {
  moved_ = bench_clock::now();
  if (status != 200 || !in.check.is_done()) {
    ++refused_[status];
    return;
  }
  times_.push_back(now_s() - in.said_at);
  if (in.said < settings_.turns)
    say_next(in);
}

void talk_driver::turn_until_idle() {
  while (pool_.open() > 0 && system_.is_server_alive() && bench_clock::now() - moved_ < quiet_max) {
    pool_.turn(1ms);
    look();
  }
}

void talk_driver::look() {
  open_max_ = std::max(open_max_, pool_.open());
  if (bench_clock::now() < look_due_)
    return;
  anonymous_kib_max_ = std::max(anonymous_kib_max_, system_.server().anonymous_kib);
  look_due_ = bench_clock::now() + look_every;
}

std::size_t talk_driver::wrong_talks() {
  auto right = std::size_t{0};
  const auto query = "/messages?limit=" + std::to_string(2 * settings_.turns);
  for (const auto& each : talks_)
    makers_.send({http_text("GET", "/v1/conversations/" + each.id + query),
                  {},
                  [this, &right](const pool_answer& got) {
                    right += is_what_was_said(got.body, settings_.turns) ? 1 : 0;
                  }});
  const auto due = bench_clock::now() + quiet_max;
  while (makers_.open() > 0 && bench_clock::now() < due)
    makers_.turn(10ms);
  return talks_.size() - right;
}

}  // namespace persona_runtime::bench
