// When a second model is asked, and how often: at the bounds.

#include "domain/tier/hedge.hpp"
#include "tests/support/catch.hpp"

#include <vector>

namespace persona_runtime {
namespace {

using namespace std::chrono_literals;

void note(first_token_times& times, int count, std::chrono::milliseconds took) {
  for (auto i = 0; i < count; ++i)
    times.note(took);
}

TEST_CASE("99 samples say too little, 100 are enough", "[domain][tier]") {
  auto times = first_token_times{};
  note(times, 99, 200ms);
  CHECK_FALSE(times.p95().has_value());
  note(times, 1, 200ms);
  CHECK(times.p95().has_value());
}

TEST_CASE("95 of 100 answers have begun by the 95th percentile, and it is at most 9 % late",
          "[domain][tier]") {
  for (const auto took : {0ms, 1ms, 2ms, 7ms, 100ms, 999ms, 4'096ms, 60'000ms, 500'000ms}) {
    CAPTURE(took.count());
    auto times = first_token_times{};
    note(times, 95, took);
    note(times, 5, 900'000ms);
    REQUIRE(times.p95().has_value());
    CHECK(*times.p95() > took);
    CHECK(static_cast<double>(times.p95()->count())
          <= static_cast<double>(took.count()) * 1.0906 + 3);
    note(times, 1, 900'000ms);
    CHECK(*times.p95() > 800'000ms);
  }
}

TEST_CASE("times that no clock should give are counted at the ends", "[domain][tier]") {
  auto times = first_token_times{};
  note(times, 100, -5ms);
  CHECK(*times.p95() == 2ms);
  auto long_ones = first_token_times{};
  note(long_ones, 100, std::chrono::milliseconds{std::int64_t{1} << 50});
  CHECK(*long_ones.p95() == 1'048'576ms);
}

TEST_CASE("a model that has become slower is known as that after a while", "[domain][tier]") {
  auto times = first_token_times{};
  note(times, 1'999, 100ms);
  CHECK(*times.p95() < 110ms);
  note(times, 200, 3'000ms);
  CHECK(*times.p95() > 3'000ms);
}

TEST_CASE("every twentieth call pays for a hedge", "[domain][tier]") {
  auto budget = hedge_budget{};
  CHECK_FALSE(budget.take());
  for (auto i = 0; i < 19; ++i)
    budget.on_call();
  CHECK_FALSE(budget.take());
  budget.on_call();
  CHECK(budget.take());
  CHECK_FALSE(budget.take());
}

TEST_CASE("hedges never pass 5 % of the calls, and 50 are saved at most", "[domain][tier]") {
  auto budget = hedge_budget{};
  auto hedges = 0;
  for (auto call = 1; call <= 10'000; ++call) {
    budget.on_call();
    hedges += budget.take() ? 1 : 0;
    REQUIRE(hedges * 20 <= call);
  }
  CHECK(hedges == 500);
  for (auto i = 0; i < 100'000; ++i)
    budget.on_call();
  auto saved = 0;
  while (budget.take())
    ++saved;
  CHECK(saved == 50);
}

TEST_CASE("the next member of the order that looks up is asked beside the first",
          "[domain][tier]") {
  auto tier = tier_entry{"mid", {}, {}};
  for (const auto* name : {"a", "b", "c"})
    tier.members.push_back({"lab", name, {}, {}});
  const auto all = [](std::string_view, std::uint32_t) { return true; };
  const auto only_c = [](std::string_view, std::uint32_t member) { return member == 2; };
  const auto none = [](std::string_view, std::uint32_t) { return false; };
  CHECK(next_up(tier, {}, 0, all) == 1u);
  CHECK(next_up(tier, {}, 0, only_c) == 2u);
  CHECK_FALSE(next_up(tier, {}, 0, none).has_value());
  CHECK_FALSE(next_up(tier, {}, 2, all).has_value());
  CHECK(next_up(tier, {2, 0, 1}, 2, all) == 0u);
  CHECK_FALSE(next_up(tier, {2}, 2, all).has_value());
}

TEST_CASE("a hedge has a name that no other attempt has", "[domain][tier]") {
  const auto call = identity{{"run_a"}, {2}, {3}, {4}};
  const auto hedge = hedge_of(call);
  CHECK(hedge != call);
  CHECK(is_hedge(hedge));
  CHECK_FALSE(is_hedge(call));
  CHECK(hedged_by(hedge) == call);
  CHECK(hedged_by(call) == call);
  CHECK(hedge.run == call.run);
  CHECK(hedge.life == call.life);
}

}  // namespace
}  // namespace persona_runtime
