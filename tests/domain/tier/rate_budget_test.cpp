// What a key is learnt to bear.

#include "domain/tier/rate_budget.hpp"
#include "tests/support/catch.hpp"

#include <map>

namespace persona_runtime {
namespace {

rate_report requests(std::uint64_t limit, std::uint64_t remaining) {
  auto said = rate_report{};
  said.requests = {limit, remaining, {}};
  return said;
}

bool may_send(const rate_budget& budget, std::int64_t now, std::uint64_t tokens = 0) {
  return budget.ready_at(tokens, {now}) <= instant{now};
}

/// Sends as many large calls as may be sent at once.
std::size_t send_all(rate_budget& budget, std::int64_t now) {
  constexpr auto tokens = std::uint64_t{1'000'000};
  auto sent = std::size_t{0};
  for (; sent < 100'000 && may_send(budget, now, tokens); ++sent)
    budget.sent({{now}, tokens});
  return sent;
}

TEST_CASE("while nothing is known, only so many calls wait to be refused", "[tier][rate]") {
  auto budget = rate_budget{};
  CHECK(send_all(budget, 5) == 32);
  budget.heard({{5}, 1'000'000}, {}, {6});
  CHECK(send_all(budget, 6) == 1);
  for (auto i = 0; i < 3; ++i)
    budget.heard({{5}, 1'000'000}, {}, {7});
  budget.unheard({{5}, 1'000'000});  // more room with every head, not with an end
  CHECK(send_all(budget, 8) == 5);
}

TEST_CASE("a call that was not refused within a quarter of a second was taken", "[tier][rate]") {
  auto budget = rate_budget{};
  REQUIRE(send_all(budget, 5) == 32);
  CHECK(budget.ready_at(0, {100}) == instant{255});
  CHECK(send_all(budget, 254) == 0);
  CHECK(send_all(budget, 255) == 40);
  budget.heard({{5}, 1'000'000}, {}, {300});  // known already
  budget.unheard({{5}, 1'000'000});
  CHECK(send_all(budget, 301) == 0);
  budget.refused({}, {255}, {302});
  CHECK(budget.paused_until() == instant{402});
}

TEST_CASE("answers that begin late do not hold up ten thousand calls", "[tier][rate]") {
  constexpr auto calls = std::size_t{10'000};
  constexpr auto per_ms = std::size_t{2};
  constexpr auto longest_wait = std::int64_t{2'500};  // tenth of five answers that take 5 s
  auto budget = rate_budget{};
  auto sent = std::size_t{0};
  for (auto now = std::int64_t{1}; sent < calls; ++now) {
    for (auto here = std::min(calls, static_cast<std::size_t>(now) * per_ms);
         sent < here && may_send(budget, now); ++sent) {
      REQUIRE(now <= static_cast<std::int64_t>(sent / per_ms) + 1 + longest_wait);
      budget.sent({{now}, 0});
    }
    REQUIRE(now < 10'000);
  }
}

TEST_CASE("a limit that was said is kept to", "[tier][rate]") {
  auto budget = rate_budget{};
  budget.sent({{0}, 10});
  budget.heard({{0}, 10}, requests(60, 2), {0});
  budget.sent({{0}, 10});
  CHECK(budget.ready_at(10, {0}) <= instant{0});
  budget.sent({{0}, 10});
  CHECK(budget.ready_at(10, {0}) == instant{1'000});  // one a second
  CHECK(budget.ready_at(10, {1'000}) <= instant{1'000});
}

TEST_CASE("what the provider cannot have counted yet is counted here", "[tier][rate]") {
  auto budget = rate_budget{};
  for (auto i = 0; i < 4; ++i)
    budget.sent({{0}, 0});
  budget.heard({{0}}, requests(60, 3), {0});  // three are on their way
  CHECK(budget.ready_at(0, {0}) == instant{1'000});
}

TEST_CASE("tokens are a limit of their own; what is larger than it still goes", "[tier][rate]") {
  auto budget = rate_budget{};
  auto said = rate_report{};
  said.tokens = {6'000, 1'000, {}};
  budget.sent({{0}, 500});
  budget.heard({{0}, 500}, said, {0});
  CHECK(budget.ready_at(900, {0}) <= instant{0});
  CHECK(budget.ready_at(1'100, {0}) == instant{1'000});  // 100 a second
  CHECK(budget.ready_at(1'000'000, {0}) == instant{50'000});
}

TEST_CASE("a limit per day shows in its reset", "[tier][rate]") {
  auto budget = rate_budget{};
  auto said = rate_report{};
  said.requests = {14'400, 0, 86'400'000};
  budget.sent({{0}, 0});
  budget.heard({{0}}, said, {0});
  CHECK(budget.ready_at(0, {0}) == instant{6'000});
}

TEST_CASE("a 429 stops everything for as long as it asks", "[tier][rate]") {
  auto budget = rate_budget{};
  budget.sent({{100}, 0});
  budget.unheard({{100}});
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

/// A provider that takes `per_s` a second, with bursts of `burst`.
struct simulated_provider {
  double per_s = 100;
  double burst = 100;
  bool says_limit = true;
  std::int64_t answer_ms = 50;  // until a head comes
  std::int64_t refusal_ms = 50;

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
    std::int64_t sent;
    bool is_taken;
    std::uint64_t remaining;
  };
  auto budget = rate_budget{};
  auto answers = std::multimap<std::int64_t, answer>{};  // by when they come
  for (auto now = std::int64_t{1}; now < 600'000; ++now) {
    for (; !answers.empty() && answers.begin()->first <= now; answers.erase(answers.begin())) {
      const auto& got = answers.begin()->second;
      const auto limit = static_cast<std::uint64_t>(provider.per_s * 60);
      const auto said = provider.says_limit ? requests(limit, got.remaining) : rate_report{};
      budget.heard({{got.sent}}, said, {now});
      if (got.is_taken)
        budget.accepted({now});
      else
        budget.refused(0.05, {got.sent}, {now});
    }
    if (provider.taken == calls && answers.empty())
      return now;
    while (provider.taken < calls && may_send(budget, now)) {
      const auto is_taken = provider.take(now);
      const auto remaining = static_cast<std::uint64_t>(std::max(0.0, provider.level));
      const auto due = now + (is_taken ? provider.answer_ms : provider.refusal_ms);
      budget.sent({{now}, 0});
      answers.insert({due, {now, is_taken, remaining}});
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

TEST_CASE("a limit that nobody says is found also where answers begin late", "[tier][rate]") {
  auto provider = simulated_provider{};
  provider.says_limit = false;
  provider.answer_ms = 3'000;
  const auto took = time_for(3'000, provider);
  CAPTURE(took, provider.refused);
  CHECK(provider.refused <= 31);
  CHECK(took > 28'000);
  CHECK(took < 40'000);
}

TEST_CASE("a burst that is refused before any answer is whole shows the rate all the same",
          "[tier][rate]") {
  auto budget = rate_budget{};
  for (auto i = 0; i < 158; ++i)
    budget.sent({{1'000}, 0});
  for (auto i = 0; i < 158; ++i)
    budget.heard({{1'000}}, {}, {1'001});
  for (auto i = 0; i < 58; ++i)
    budget.refused(0.05, {1'000}, {1'002});
  budget.sent({{2'000}, 0});
  const auto next = budget.ready_at(0, {2'000});
  CHECK(next <= instant{2'000});  // 90 a second, of which 100 ms may gather
  for (auto i = 0; i < 8; ++i)
    budget.sent({{2'000}, 0});
  CHECK(budget.ready_at(0, {2'000}) == instant{2'012});
}

}  // namespace
}  // namespace persona_runtime
