// What a key is learnt to bear.

#include "domain/tier/rate_budget.hpp"
#include "tests/support/catch.hpp"

#include <deque>

namespace persona_runtime {
namespace {

rate_report requests(std::uint64_t limit, std::uint64_t remaining) {
  auto said = rate_report{};
  said.requests = {limit, remaining, {}};
  return said;
}

TEST_CASE("while nothing is known, only so many heads are awaited", "[tier][rate]") {
  auto budget = rate_budget{};
  for (auto i = 0; i < 32; ++i) {
    REQUIRE(budget.has_room());
    CHECK(budget.ready_at(1'000'000, {5}) <= instant{5});
    budget.sent(1'000'000, {5});
  }
  CHECK_FALSE(budget.has_room());
  budget.heard(1'000'000, {}, {6});
  CHECK(budget.has_room());
  budget.sent(1, {6});
  CHECK_FALSE(budget.has_room());
  for (auto i = 0; i < 3; ++i)
    budget.heard(1, {}, {7});
  budget.unheard(1);  // more room with every head, not with an end
  for (auto i = 0; i < 5; ++i) {
    REQUIRE(budget.has_room());
    budget.sent(1, {8});
  }
  CHECK_FALSE(budget.has_room());
}

TEST_CASE("a limit that was said is kept to", "[tier][rate]") {
  auto budget = rate_budget{};
  budget.sent(10, {0});
  budget.heard(10, requests(60, 2), {0});
  budget.sent(10, {0});
  CHECK(budget.ready_at(10, {0}) <= instant{0});
  budget.sent(10, {0});
  CHECK(budget.ready_at(10, {0}) == instant{1'000});  // one a second
  CHECK(budget.ready_at(10, {1'000}) <= instant{1'000});
}

TEST_CASE("what the provider cannot have counted yet is counted here", "[tier][rate]") {
  auto budget = rate_budget{};
  for (auto i = 0; i < 4; ++i)
    budget.sent(0, {0});
  budget.heard(0, requests(60, 3), {0});  // three are on their way
  CHECK(budget.ready_at(0, {0}) == instant{1'000});
}

TEST_CASE("tokens are a limit of their own; what is larger than it still goes", "[tier][rate]") {
  auto budget = rate_budget{};
  auto said = rate_report{};
  said.tokens = {6'000, 1'000, {}};
  budget.sent(500, {0});
  budget.heard(500, said, {0});
  CHECK(budget.ready_at(900, {0}) <= instant{0});
  CHECK(budget.ready_at(1'100, {0}) == instant{1'000});  // 100 a second
  CHECK(budget.ready_at(1'000'000, {0}) == instant{50'000});
}

TEST_CASE("a limit per day shows in its reset", "[tier][rate]") {
  auto budget = rate_budget{};
  auto said = rate_report{};
  said.requests = {14'400, 0, 86'400'000};
  budget.sent(0, {0});
  budget.heard(0, said, {0});
  CHECK(budget.ready_at(0, {0}) == instant{6'000});
}

TEST_CASE("a 429 stops everything for as long as it asks", "[tier][rate]") {
  auto budget = rate_budget{};
  budget.sent(0, {100});
  budget.unheard(0);
  budget.refused(2.5, {100}, {200});
  CHECK(budget.paused_until() == instant{2'700});
  CHECK(budget.ready_at(0, {200}) == instant{2'700});
  budget.refused(1.0, {150}, {250});  // sent before we knew: no shorter, no slower
  CHECK(budget.paused_until() == instant{2'700});
  budget.refused(1e300, {3'000}, {3'001});  // a day at most
  CHECK(budget.paused_until() == instant{3'001 + 86'400'000});
}

TEST_CASE("pauses that nobody asks for grow until something goes well", "[tier][rate]") {
  auto budget = rate_budget{};
  budget.refused({}, {1}, {2});
  CHECK(budget.paused_until() == instant{102});
  budget.refused({}, {200}, {201});
  CHECK(budget.paused_until() == instant{401});
  budget.accepted({500});
  budget.refused({}, {600}, {601});
  CHECK(budget.paused_until() == instant{701});
}

/// A provider that takes `per_s` a second, with bursts of `burst`; heads come after 50 ms.
struct simulated_provider {
  double per_s = 100;
  double burst = 100;
  bool says_limit = true;

  double level = burst;
  std::int64_t at = 0;
  std::size_t taken = 0;
  std::size_t refused = 0;

  bool take(std::int64_t now) {
    level = std::min(burst, level + static_cast<double>(now - at) * per_s / 1000);
    at = now;
    if (level < 1) {
      ++refused;
      return false;
    }
    level -= 1;
    ++taken;
    return true;
  }
};

/// How long `calls` calls take, each sent as soon as it may be; ms.
std::int64_t time_for(std::size_t calls, simulated_provider& provider) {
  struct answer {
    std::int64_t due;
    std::int64_t sent;
    bool is_taken;
    std::uint64_t remaining;
  };
  auto budget = rate_budget{};
  auto answers = std::deque<answer>{};
  auto open = std::size_t{0};
  for (auto now = std::int64_t{1}; now < 600'000; ++now) {
    for (; !answers.empty() && answers.front().due <= now; answers.pop_front()) {
      const auto& got = answers.front();
      --open;
      const auto limit = static_cast<std::uint64_t>(provider.per_s * 60);
      budget.heard(0, provider.says_limit ? requests(limit, got.remaining) : rate_report{}, {now});
      if (got.is_taken)
        budget.accepted({now});
      else
        budget.refused(0.05, {got.sent}, {now});
    }
    if (provider.taken == calls && answers.empty())
      return now;
    while (provider.taken + open < calls + provider.taken && provider.taken < calls
           && budget.has_room() && budget.ready_at(0, {now}) <= instant{now}) {
      const auto is_taken = provider.take(now);
      budget.sent(0, {now});
      ++open;
      answers.push_back(
        {now + 50, now, is_taken, static_cast<std::uint64_t>(std::max(0.0, provider.level))});
      if (!is_taken)
        break;
    }
  }
  return -1;
}

TEST_CASE("a limit that is said is used up and hardly ever passed", "[tier][rate]") {
  auto provider = simulated_provider{};
  const auto took = time_for(3'000, provider);
  CAPTURE(took, provider.refused);
  CHECK(provider.refused <= 1);
  CHECK(took > 28'000);
  CHECK(took < 33'000);
}

TEST_CASE("a limit that nobody says is found by trying", "[tier][rate]") {
  auto provider = simulated_provider{};
  provider.says_limit = false;
  const auto took = time_for(3'000, provider);
  CAPTURE(took, provider.refused);
  CHECK(provider.refused <= 31);  // 1 % after the first
  CHECK(took > 28'000);
  CHECK(took < 40'000);
}

TEST_CASE("a burst that is refused before any answer is whole shows the rate all the same",
          "[tier][rate]") {
  auto budget = rate_budget{};
  for (auto i = 0; i < 158; ++i)
    budget.sent(0, {1'000});
  for (auto i = 0; i < 158; ++i)
    budget.heard(0, {}, {1'001});
  for (auto i = 0; i < 58; ++i)
    budget.refused(0.05, {1'000}, {1'002});
  budget.sent(0, {2'000});
  const auto next = budget.ready_at(0, {2'000});
  CHECK(next <= instant{2'000});  // 90 a second, of which 100 ms may gather
  for (auto i = 0; i < 8; ++i)
    budget.sent(0, {2'000});
  CHECK(budget.ready_at(0, {2'000}) == instant{2'012});
}

}  // namespace
}  // namespace persona_runtime
