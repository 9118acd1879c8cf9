#include "domain/tier/walk.hpp"
#include "tests/domain/tier/model_errors.hpp"
#include "tests/support/catch.hpp"

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace persona_runtime {
namespace {

using namespace testing;
using kind = model_error_class;
using std::chrono::milliseconds;

model_error a_timeout() {
  return an_error(kind::backend_timeout);
}
model_error a_429(std::string hint = "") {
  return an_error(kind::rate_limit, 429, "", std::move(hint));
}

tier_entry tier_of(std::uint32_t members) {
  tier_entry tier;
  tier.name = "mid";
  for (std::uint32_t i = 0; i < members; ++i) {
    model_entry model;
    model.provider = "openai";
    model.model = "m" + std::to_string(i);
    tier.members.push_back(model);
  }
  return tier;
}

struct ledger_line {
  std::uint32_t member;
  std::string error_class;
  bool retried;
  friend bool operator==(const ledger_line&, const ledger_line&) = default;
};

struct outcome {
  bool answered = false;
  bool exhausted = false;
  std::uint32_t winner = 0;
  std::vector<std::uint32_t> calls;  // by member
  std::vector<milliseconds> delays;  // before each further attempt
  std::vector<ledger_line> ledger;   // one line per member that failed
};

using script = std::vector<std::deque<std::optional<model_error>>>;  // by member; none: it answers

/// Walks a tier over members that play a script. A member called too often fails the test.
outcome walk(script members, walk_limits limits = {}, double chance = 0.5) {
  const auto tier = tier_of(static_cast<std::uint32_t>(members.size()));
  outcome out;
  out.calls.resize(members.size());
  for (walk_position at;;) {
    auto& replies = members.at(at.member);
    if (replies.empty())
      throw std::logic_error{"a member was called more often than scripted"};
    const auto reply = replies.front();
    replies.pop_front();
    ++out.calls.at(at.member);
    if (!reply) {
      out.answered = true;
      out.winner = at.member;
      return out;
    }
    const auto next = next_attempt(at, *reply, tier, limits, chance, noon_ms);
    const auto* on = std::get_if<walk_on>(&next);
    if (on == nullptr || on->fell_over) {
      out.ledger.push_back({at.member, std::string{class_name(reply->kind)}, at.retried});
    }
    if (on == nullptr) {
      out.exhausted = std::get<walk_end>(next).exhausted;
      return out;
    }
    out.delays.push_back(on->delay);
    at = on->where;
  }
}

constexpr auto ok = std::nullopt;
using calls = std::vector<std::uint32_t>;

milliseconds delay_of(const model_error& error, double chance, std::uint32_t members = 2) {
  return std::get<walk_on>(next_attempt({}, error, tier_of(members), {}, chance, noon_ms)).delay;
}

}  // namespace

TEST_CASE("AC-MM-01 no member ends the call, one member is passed through", "[domain][tier]") {
  const auto none = next_attempt({}, a_timeout(), tier_of(0), {}, 0.5, noon_ms);
  CHECK(std::get<walk_end>(none).exhausted);
  const auto one = walk({{ok}});
  CHECK(one.answered);
  CHECK(one.calls == calls{1});
}

TEST_CASE("AC-MM-03 a first member that answers is the only one called", "[domain][tier]") {
  const auto out = walk({{ok}, {}});
  CHECK(out.calls == calls{1, 0});
  CHECK(out.ledger.empty());
}

TEST_CASE("AC-MM-04 a rate limit without hint is tried once more", "[domain][tier]") {
  const auto out = walk({{a_429(), ok}, {}});
  CHECK(out.answered);
  CHECK(out.winner == 0);
  CHECK(out.calls == calls{2, 0});
}

TEST_CASE("AC-MM-05 two time-outs fall over", "[domain][tier]") {
  const auto out = walk({{a_timeout(), a_timeout()}, {ok}});
  CHECK(out.calls == calls{2, 1});
  CHECK(out.ledger == std::vector<ledger_line>{{0, "BackendTimeoutError", true}});
  CHECK(out.delays.back() == milliseconds{0});
}

TEST_CASE("AC-MM-06 AC-ERR-08 two server errors fall over", "[domain][tier]") {
  for (const int status : {500, 503}) {
    const auto error = an_error(kind::provider_error, status);
    CHECK(walk({{error, error}, {ok}}).calls == calls{2, 1});
  }
}

TEST_CASE("AC-MM-07 without retries a time-out falls over at once", "[domain][tier]") {
  walk_limits limits;
  limits.retry_same_model = false;
  const auto out = walk({{a_timeout()}, {ok}}, limits);
  CHECK(out.calls == calls{1, 1});
  CHECK_FALSE(out.ledger.front().retried);
}

TEST_CASE("AC-MM-08 what waiting cannot mend falls over at once", "[domain][tier]") {
  for (const auto& error :
       {a_429("10"), an_error(kind::rate_limit, 429, "credits_expired"),
        an_error(kind::model_not_found, 404), an_error(kind::authentication, 401),
        an_error(kind::credential_missing)}) {
    const auto out = walk({{error}, {ok}});
    CHECK(out.calls == calls{1, 1});
    CHECK_FALSE(out.ledger.front().retried);
  }
}

TEST_CASE("AC-ERR-09 403, 402 and a used-up quota fall over without a retry", "[domain][tier]") {
  for (const auto& error :
       {an_error(kind::authentication, 403), an_error(kind::rate_limit, 402, "insufficient_quota"),
        an_error(kind::rate_limit, 429, "insufficient_quota")}) {
    CHECK(walk({{error}, {ok}}).calls == calls{1, 1});
  }
}

TEST_CASE("AC-MM-09 what every model would refuse is surfaced", "[domain][tier]") {
  for (const auto& error : {an_error(kind::provider_error, 400, "content_policy_violation"),
                            an_error(kind::provider_error, 400), an_error(kind::provider_error)}) {
    const auto out = walk({{error}, {}});
    CHECK_FALSE(out.answered);
    CHECK_FALSE(out.exhausted);
    CHECK(out.calls == calls{1, 0});
  }
}

TEST_CASE("AC-MM-10 three members with long hints are exhausted", "[domain][tier]") {
  const auto out = walk({{a_429("10")}, {a_429("10")}, {a_429("10")}});
  CHECK(out.exhausted);
  CHECK(out.calls == calls{1, 1, 1});
  REQUIRE(out.ledger.size() == 3);
  CHECK(out.ledger.back().error_class == "RateLimitError");
}

TEST_CASE("AC-MM-11 each member has a retry of its own", "[domain][tier]") {
  const auto out = walk({{a_timeout(), a_timeout()}, {a_429("60")}});
  CHECK(
    out.ledger
    == std::vector<ledger_line>{{0, "BackendTimeoutError", true}, {1, "RateLimitError", false}});
  CHECK(walk({{a_timeout(), a_timeout()}, {a_timeout(), ok}}).calls == calls{2, 2});
}

TEST_CASE("AC-MM-15 a call starts at the first member whatever the last one did",
          "[domain][tier]") {
  CHECK(walk({{a_429("10")}, {ok}}).ledger.size() == 1);
  CHECK(walk({{ok}, {}}).ledger.empty());
}

TEST_CASE("a broken stream is tried once more whatever had arrived", "[domain][tier]") {
  auto error = an_error(kind::provider_error, 200, "broken_stream");
  error.output_begun = true;
  CHECK(walk({{error, error}, {ok}}).calls == calls{2, 1});
}

TEST_CASE("the pause before a retry: 13.4, upward only when there is a hint", "[domain][tier]") {
  CHECK(delay_of(a_timeout(), 0.0) == milliseconds{100});
  CHECK(delay_of(a_timeout(), 0.5) == milliseconds{200});
  CHECK(delay_of(a_timeout(), 0.9999) == milliseconds{300});
  CHECK(delay_of(a_429("1"), 0.0) == milliseconds{1000});
  CHECK(delay_of(a_429("1"), 0.5) == milliseconds{1250});
  CHECK(delay_of(a_429("2"), 0.0) == milliseconds{2000});
  CHECK(delay_of(a_429("2"), 0.99999) == milliseconds{3000});
  CHECK(delay_of(a_429("0.3004"), 0.0) == milliseconds{301});
  for (const auto* hint : {"0", "-1", "abc"}) {
    CHECK(delay_of(a_429(hint), 0.0) == milliseconds{100});
  }
}

TEST_CASE("a chance outside 0…1 is no longer pause than 1", "[domain][tier]") {
  CHECK(delay_of(a_timeout(), 7.0) == milliseconds{300});
  CHECK(delay_of(a_timeout(), -7.0) == milliseconds{100});
}

TEST_CASE("a hint that is a date counts by the clock", "[domain][tier]") {
  CHECK(walk({{a_429("Sat, 21 Nov 2026 12:00:30 GMT")}, {ok}}).calls == calls{1, 1});
  CHECK(delay_of(a_429("Sat, 21 Nov 2026 12:00:02 GMT"), 0.0) == milliseconds{2000});
  CHECK(delay_of(a_429("Sat, 21 Nov 2026 12:00:30 GMT"), 0.0, 1) == milliseconds{30'000});
}

TEST_CASE("D-12 an only member: R once more, then the error surfaces", "[domain][tier]") {
  CHECK(walk({{a_timeout(), ok}}).answered);
  const auto out = walk({{a_timeout(), a_timeout()}});
  CHECK_FALSE(out.answered);
  CHECK_FALSE(out.exhausted);
  CHECK(out.calls == calls{2});
}

TEST_CASE("D-12 an only member: F and S end the call", "[domain][tier]") {
  for (const auto& error :
       {an_error(kind::authentication, 401), an_error(kind::model_not_found, 404),
        an_error(kind::provider_error, 400),
        an_error(kind::rate_limit, 402, "insufficient_quota")}) {
    CHECK(walk({{error}}).calls == calls{1});
  }
}

TEST_CASE("D-12 an only member is waited for as long as its hint says", "[domain][tier]") {
  const auto out = walk({{a_429("20"), a_429("0.5"), a_429("30"), ok}}, {}, 0.0);
  CHECK(out.answered);
  CHECK(
    out.delays
    == std::vector<milliseconds>{milliseconds{20'000}, milliseconds{500}, milliseconds{30'000}});
}

TEST_CASE("D-12 waits of an only member without hint double from 1 s", "[domain][tier]") {
  const auto out = walk({{a_429(), a_429(), a_429(), a_429(), a_429(), a_429()}}, {}, 0.0);
  CHECK_FALSE(out.answered);
  CHECK_FALSE(out.exhausted);
  CHECK(out.delays
        == std::vector<milliseconds>{milliseconds{1000}, milliseconds{2000}, milliseconds{4000},
                                     milliseconds{8000}, milliseconds{16'000}});
}

TEST_CASE("D-12 the sum of waits stays within retry.max_wait", "[domain][tier]") {
  walk_limits limits;
  limits.only_model_wait_max = milliseconds{10'000};
  CHECK(walk({{a_429("10"), ok}}, limits, 0.9).delays == std::vector{milliseconds{10'000}});
  CHECK(walk({{a_429("10.001")}}, limits).calls == calls{1});
  CHECK(walk({{a_429("6"), a_429("5")}}, limits, 0.0).calls == calls{2});
  CHECK(walk({{a_429("inf")}}, limits).calls == calls{1});
  limits.only_model_wait_max = milliseconds{0};
  CHECK(walk({{a_429()}}, limits).calls == calls{1});
}

TEST_CASE("D-12 hints of no time do not make an only member spin", "[domain][tier]") {
  for (const auto* hint : {"0", "-5", "0.001", "Thu, 01 Jan 1970 00:00:00 GMT"}) {
    const auto out = walk({std::deque<std::optional<model_error>>(20, a_429(hint))}, {}, 0.0);
    CHECK_FALSE(out.answered);
    CHECK(out.calls.front() <= 11);
    CHECK(out.delays.front() == milliseconds{100});
  }
}

TEST_CASE("D-12 waiting does not use up the one retry", "[domain][tier]") {
  CHECK(walk({{a_429("1"), a_timeout(), a_429("1"), ok}}).answered);
  CHECK_FALSE(walk({{a_429("1"), a_timeout(), a_429("1"), a_timeout()}}).answered);
}

TEST_CASE("a position past the tier ends the call", "[domain][tier]") {
  walk_position at;
  at.member = 7;
  CHECK(std::get<walk_end>(next_attempt(at, a_timeout(), tier_of(2), {}, 0.5, noon_ms)).exhausted);
}

TEST_CASE("a prompt that is too long goes on to a larger window, past smaller ones",
          "[domain][tier]") {
  auto tier = tier_of(4);
  tier.members[0].context_window = 8'000;
  tier.members[1].context_window = 4'000;
  tier.members[2].context_window.reset();
  tier.members[3].context_window = 128'000;
  auto too_long = model_error{};
  too_long.status = 400;
  too_long.reason = "context_length_exceeded";
  const auto next = next_attempt({}, too_long, tier, {}, 0.5, noon_ms);
  CHECK(std::get<walk_on>(next).where.member == 3);
  CHECK(std::get<walk_on>(next).fell_over);
  CHECK(std::holds_alternative<walk_end>(
    next_attempt({3, false, 0, 0}, too_long, tier, {}, 0.5, noon_ms)));
  tier.members[0].context_window.reset();  // counts as 4096
  CHECK(roomier_behind(tier, {}, 0) == 3);
  CHECK_FALSE(roomier_behind(tier, {}, 9).has_value());
}

TEST_CASE("a call that was not sent goes on at once, whatever its class", "[domain][tier]") {
  auto unsent = a_timeout();
  unsent.reason = "not_sent";
  const auto next = next_attempt({}, unsent, tier_of(2), {}, 0.5, noon_ms);
  CHECK(std::get<walk_on>(next).where.member == 1);
  CHECK(std::holds_alternative<walk_end>(next_attempt({}, unsent, tier_of(1), {}, 0.5, noon_ms)));
}

TEST_CASE("a call walks in its own order, and asks nobody who is not in it", "[domain][tier]") {
  const auto tier = tier_of(4);
  const auto order = member_order{2, 0, 3};
  CHECK(first_of(order) == 2);
  CHECK(first_of({}) == 0);
  CHECK(next_behind(tier, order, 2) == 0);
  CHECK(next_behind(tier, order, 0) == 3);
  CHECK_FALSE(next_behind(tier, order, 3).has_value());
  CHECK_FALSE(next_behind(tier, order, 1).has_value());
  CHECK(next_behind(tier, {}, 2) == 3);
  CHECK_FALSE(next_behind(tier, {}, 3).has_value());
  const auto go_on_from = [&](std::uint32_t member) {
    return next_attempt({member, true}, a_timeout(), tier, {}, 0.5, noon_ms, order);
  };
  CHECK(std::get<walk_on>(go_on_from(2)).where.member == 0);
  CHECK(std::get<walk_on>(go_on_from(0)).where.member == 3);
  CHECK(std::get<walk_end>(go_on_from(3)).exhausted);
}

TEST_CASE("the only member of an order is waited for as an only model is", "[domain][tier]") {
  auto paced = model_error{};
  paced.kind = model_error_class::rate_limit;
  paced.status = 429;
  paced.retry_after = "10";
  const auto next = next_attempt({1}, paced, tier_of(3), {}, 0.0, noon_ms, {1});
  CHECK(std::get<walk_on>(next).where.member == 1);
  CHECK(std::get<walk_on>(next).delay.count() == 10'000);
}

TEST_CASE("an order is made of names, and does without those that are gone", "[domain][tier]") {
  auto tier = tier_of(3);
  const auto label = [&](std::size_t i) { return tier.members[i].label(); };
  CHECK(order_of(tier, {label(2), "gone/model", label(0)}) == member_order({2, 0}));
  CHECK(order_of(tier, {}).empty());
  tier.members[2] = tier.members[0];  // the same model at another key
  CHECK(order_of(tier, {label(0), label(2), label(0)}) == member_order({0, 2}));
}

TEST_CASE("the first member that has a chance is asked; where none has, the one that it is",
          "[domain][tier]") {
  const auto tier = tier_of(3);
  const auto only = [](std::uint32_t up) -> member_health {
    return [up](std::string_view, std::uint32_t member) { return member == up; };
  };
  CHECK(first_up(tier, {}, 0, {}) == 0);
  CHECK(first_up(tier, {}, 0, only(2)) == 2);
  CHECK(first_up(tier, {}, 1, only(0)) == 1);
  CHECK(first_up(tier, {2, 0, 1}, 2, only(1)) == 1);
  CHECK(first_up(tier, {2, 1}, 2, only(0)) == 2);
}

}  // namespace persona_runtime
