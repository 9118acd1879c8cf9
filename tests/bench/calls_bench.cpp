// What the rules around one model call cost: breaker, pacing, accounting. Usage: calls_bench
// [CALLS]; prints one line per case. Given CALLS it carries out so many of the first case and
// prints nothing: under `valgrind --tool=callgrind`, the difference between two such runs is what
// one call costs.

#include "actors/model_meter.hpp"
#include "actors/model_signal.hpp"
#include "actors/spending.hpp"
#include "domain/budget/ledger.hpp"
#include "domain/tier/call_gate.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>

using namespace persona_runtime;

namespace {

constexpr auto owners = std::size_t{100};

model_entry priced_model() {
  auto model = model_entry{};
  model.provider = "anthropic";
  model.model = "frontier-model";
  model.price = model_price{1.5, 7.5};
  return model;
}

/// One key whose provider says in every head how much is left, and the books of 1,000 live runs.
class call_bench {
public:
  explicit call_bench(std::size_t in_flight, std::uint32_t calls_max = 0)
    : in_flight_{in_flight}, gate_{limits_of(calls_max)} {
    auto limits = run_limits{};
    limits.max_tokens = 1'000'000'000'000;
    limits.max_cost_cents = 1e12;
    for (auto i = std::size_t{0}; i < 1'000; ++i) {
      const auto run = run_id{"run_" + std::to_string(100'000 + i)};
      runs_.push_back(run);
      ledger_.open(run, limits);
      spending_.open(run, owner_of(i), {"persona_1"}, 1e12, 1e12);
    }
  }

  /// At most `in_flight` calls at once, those that wait among them. Returns something of each.
  std::size_t carry_out(std::size_t count) {
    for (auto i = std::size_t{0}; i < count; ++i) {
      ++now_.value;
      begin(i);
      if (gate_.under_way() + gate_.waiting() > in_flight_)
        end_first();
    }
    return answered_;
  }

private:
  static gate_limits limits_of(std::uint32_t calls_max) {
    auto limits = gate_limits{};
    limits.calls_max = calls_max;
    return limits;
  }
  static owner_id owner_of(std::size_t i) { return {"owner " + std::to_string(i % owners)}; }

  void begin(std::size_t i) {
    const auto& run = runs_[i % runs_.size()];
    if (!signal_.is_up(now_))
      std::abort();
    const auto request = budget_request{call_kind::step, 2'000, 1'000, model_.price};
    const auto granted =
      spending_.reserve(run, spent_, now_, [&](std::optional<double> cents_left) {
        return ledger_.reserve(run, spent_, request, cents_left);
      });
    if (!std::holds_alternative<budget_grant>(granted))
      std::abort();
    const auto call = identity{run, {}, {static_cast<std::uint32_t>(i)}, {}};
    if (gate_.enter({call, owner_of(i).value, model_.model, 3'000, true}, now_).value()
        == gate_answer::start)
      under_way_.push_back(call);
  }

  void end_first() {
    const auto call = under_way_.front();
    under_way_.pop_front();
    gate_.heard(call, {{1'000'000, 900'000, 1'000}, {100'000'000, 90'000'000, 1'000}}, now_);
    gate_.succeeded(call, now_);
    for (const auto& next : gate_.next(now_))
      under_way_.push_back(next);
    const auto seen = gate_.look(model_.model, now_);
    signal_.show(seen.state, seen.waiting);
    signal_.close_until(seen.closed_until);
    const auto usage = token_usage{2'000, 300, false};
    meter_.replied("frontier", "anthropic/frontier-model", usage, cost_cents(model_, usage));
    answered_ += gate_.wake_at(now_) ? 2 : 1;
  }

  std::size_t in_flight_;
  call_gate gate_;
  model_entry model_ = priced_model();
  model_signal signal_;
  model_meter meter_;
  ledger ledger_;
  spending spending_;
  budget_amount spent_{1'000, 1.0};
  std::vector<run_id> runs_;
  std::deque<identity> under_way_;
  instant now_{1'800'000'000'000};
  std::size_t answered_ = 0;
};

void measure(const char* name, call_bench bench(), std::size_t count) {
  auto made = bench();
  static_cast<void>(made.carry_out(count / 10));
  const auto begin = std::chrono::steady_clock::now();
  const auto seen = made.carry_out(count);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%-40s %8.3f us (%zu)\n", name, took.count() * 1e6 / static_cast<double>(count),
              seen);
}

call_bench passing() {
  return call_bench{100};
}
call_bench waiting() {
  return call_bench{200, 100};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1)
    return passing().carry_out(std::strtoull(argv[1], nullptr, 10)) == 1 ? 1 : 0;
  measure("a call, 100 under way", passing, 300'000);
  measure("a call that waits behind others", waiting, 300'000);
  return 0;
}
