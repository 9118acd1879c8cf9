// A second model beside one that does not begin to answer: what it reserves, what the two cost, and
// when there is none.

#include "domain/budget/usage_meter.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using test::differences;
using test::driver_options;
using test::lab_model;
using test::run_driver;
using test::wants;

constexpr auto worst_case =
  std::uint64_t{1'153};  // of the first step: 153 of prompt, 1,000 of reply

driver_options two_models() {
  auto o = driver_options{};
  for (auto& tier : o.tiers.tiers)
    tier.members = {lab_model("one"), lab_model("two")};
  return o;
}

driver_options two_models(std::uint64_t tokens_max) {
  auto o = two_models();
  o.limits.max_tokens = tokens_max;
  return o;
}

void want(run_driver& run, std::string model = "lab/two") {
  run.tell(hedge_wanted{current(run.state), std::move(model)});
}

std::size_t hedges(const run_driver& run) {
  return static_cast<std::size_t>(std::ranges::count_if(
    run.effects, [](const effect& e) { return std::holds_alternative<start_hedge>(e); }));
}

model_reply answer(std::string text) {
  auto reply = model_reply{};
  reply.text = std::move(text);
  reply.usage = {150, 40, false};
  return reply;
}

void check_replay(const run_driver& run) {
  CHECK(differences(run.state, run.replayed()).empty());
}

TEST_CASE("a hedge is reserved beside the attempt under way, before it starts", "[domain][run]") {
  auto run = run_driver{two_models()};
  const auto call = run.open_call->call;
  want(run);
  REQUIRE(run.reservations.size() == 2);
  const auto& asked = run.reservations[1];
  CHECK(asked.call == call);
  CHECK(asked.spent.tokens == 0);
  REQUIRE(asked.beside.has_value());
  CHECK(asked.beside->tokens == worst_case);
  CHECK(committed_before(asked).tokens == worst_case);
  CHECK(run.last<fact::reserved>().beside);
  CHECK(run.last<fact::reserved>().model == "lab/two");
  CHECK(run.last<fact::reserved>().amount.tokens == worst_case);
  CHECK(run.state.reserved.tokens == 2 * worst_case);
  CHECK(run.state.phase == run_phase::calling);
  CHECK(current(run.state) == call);
  REQUIRE(hedges(run) == 1);
  const auto& hedge = std::get<start_hedge>(run.effects.back());
  CHECK(hedge.call == call);
  CHECK(hedge.tier == "frontier");
  CHECK(hedge.reply_tokens_max == 1'000);
  check_replay(run);
}

TEST_CASE("both attempts are settled with the answer of one", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  const auto lost = lost_call{"lab/one", {153, 2, true}, 0.157, {}};
  const auto records = run.records.size();
  run.tell(model_replied{current(run.state), answer("[FINAL] B 12"), "lab/two", 0.23, lost});
  REQUIRE(run.is_over());
  const auto& first = std::get<fact::settled>(run.records.at(records));
  const auto& second = std::get<fact::settled>(run.records.at(records + 1));
  CHECK(first.model == "lab/one");
  CHECK(first.usage == token_usage{153, 2, true});
  CHECK(second.model == "lab/two");
  CHECK(run.last<fact::replied>().model == "lab/two");
  CHECK(run.state.spent.tokens == 155 + 190);
  CHECK(run.state.reserved.tokens == 0);
  const auto view = run.view();
  CHECK(view.usage.model_calls == 2);
  CHECK(view.usage.prompt_tokens == 303);
  CHECK(view.usage.completion_tokens == 42);
  CHECK(*view.usage.cost_cents == Approx(0.387));
  CHECK(view.by_model.at("lab/one").estimated);
  CHECK_FALSE(view.by_model.at("lab/two").estimated);
  check_replay(run);
}

TEST_CASE("a hedge that was reserved and never sent costs nothing", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  run.model_says("[FINAL] B 12");
  REQUIRE(run.is_over());
  CHECK(run.count("settled") == 1);
  CHECK(run.state.spent.tokens == 15);
  CHECK(run.view().usage.model_calls == 1);
  check_replay(run);
}

TEST_CASE("the step that follows a hedge is an ordinary one", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  auto reply = answer("");
  reply.calls = {wants("search")};
  run.tell(model_replied{current(run.state), reply, "lab/two", 0.23,
                         lost_call{"lab/one", {153, 0, true}, 0.153, {}}});
  run.tool_returns(0, "berth 12");
  REQUIRE(run.open_call.has_value());
  CHECK(run.open_call->call.attempt.value == 0);
  CHECK(run.open_call->what->walk.member == 0);
  CHECK_FALSE(run.last<fact::reserved>().beside);
  CHECK(run.state.reserved.tokens == run.last<fact::reserved>().amount.tokens);
  want(run);
  CHECK(hedges(run) == 2);
  check_replay(run);
}

TEST_CASE("a hedge that does not fit the budget is not made, and the run goes on",
          "[domain][run]") {
  // 5 % of the limit are kept for the summary.
  const auto both_fit = 2 * worst_case + 121;
  SECTION("to the token") {
    auto run = run_driver{two_models(both_fit - 1)};
    want(run);
    CHECK(hedges(run) == 0);
    CHECK(run.state.reserved.tokens == worst_case);
    CHECK(run.count("budget") == 0);
    run.model_says("[FINAL] B 12");
    CHECK(run.state.status == run_status::completed);
    check_replay(run);
  }
  SECTION("the same limit and one token more") {
    auto run = run_driver{two_models(both_fit)};
    want(run);
    CHECK(hedges(run) == 1);
    CHECK(run.state.spent.tokens + run.state.reserved.tokens + summary_share(both_fit) <= both_fit);
  }
  SECTION("by cost") {
    auto options = two_models();
    options.limits.max_cost_cents = 2 * 2.153 - 0.01;
    auto run = run_driver{options};
    want(run);
    CHECK(hedges(run) == 0);
    CHECK(run.state.status == run_status::running);
  }
  SECTION("a model without a price has no place in a cost limit") {
    auto options = two_models();
    options.limits.max_cost_cents = 1'000.0;
    options.tiers.tiers[0].members[1].price.reset();
    auto run = run_driver{options};
    want(run);
    CHECK(hedges(run) == 0);
  }
}

TEST_CASE("what would be a worse answer is no hedge", "[domain][run]") {
  SECTION("a prompt that does not fit its window") {
    auto options = two_models();
    options.tiers.tiers[0].members[1].context_window = 1'100;
    auto run = run_driver{options};
    want(run);
    CHECK(run.reservations.size() == 1);
  }
  SECTION("a model that the tier does not have any more") {
    auto run = run_driver{two_models()};
    want(run, "lab/three");
    CHECK(run.reservations.size() == 1);
  }
  SECTION("a model whose replies are shorter anyway is one") {
    auto options = two_models();
    options.tiers.tiers[0].members[1].reply_tokens_max = 300;
    auto run = run_driver{options};
    want(run);
    CHECK(std::get<start_hedge>(run.effects.back()).reply_tokens_max == 300);
  }
}

TEST_CASE("a hedge is asked for once, and only while its call is under way", "[domain][run]") {
  auto run = run_driver{two_models()};
  const auto call = current(run.state);
  want(run);
  want(run);
  CHECK(run.reservations.size() == 2);
  run.model_calls({wants("search")});
  run.tell(hedge_wanted{call, "lab/two"});
  run.tell(step_granted{call, call_kind::step, {100, 1.0}, 50});
  CHECK(run.reservations.size() == 2);
  CHECK(hedges(run) == 1);
  check_replay(run);
}

TEST_CASE("summaries are not hedged", "[domain][run]") {
  auto options = two_models();
  options.limits.max_steps = 1;
  auto run = run_driver{options};
  run.model_calls({wants("search")});
  run.tool_returns(0, "berth 12");
  REQUIRE(run.state.calling == call_kind::partial_result);
  const auto before = run.reservations.size();
  want(run);
  CHECK(run.reservations.size() == before);
}

TEST_CASE("when both fail, the call goes on under a reservation of its own", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  auto error = model_error{};
  error.status = 503;
  const auto lost = lost_call{"lab/one", {}, 0.0, "ProviderError"};
  const auto plan = retry_plan{{1, true}, std::chrono::milliseconds{200}, false, "lab/two"};
  run.tell(model_failed{current(run.state), error, "lab/two", 0.0, {}, plan, lost});
  CHECK(run.count("settled") == 2);
  CHECK(run.count("retried") == 1);
  REQUIRE(run.reservations.size() == 3);
  CHECK_FALSE(run.reservations[2].beside.has_value());
  CHECK(run.request().walk.member == 1);
  CHECK(run.request().walk.retried);
  CHECK(run.request().delay == std::chrono::milliseconds{200});
  CHECK(run.state.reserved.tokens == worst_case);
  CHECK(run.state.spent.tokens == 0);
  run.model_says("[FINAL] B 12");
  CHECK(run.view().usage.model_calls == 3);
  check_replay(run);
}

TEST_CASE("when both fail for good, both are settled and the run ends", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  auto error = model_error{};
  error.status = 400;
  run.tell(model_failed{current(run.state),
                        error,
                        "lab/two",
                        0.153,
                        {153, 0, true},
                        std::nullopt,
                        lost_call{"lab/one", {}, 0.0, "ProviderError"}});
  REQUIRE(run.is_over());
  CHECK(run.state.status == run_status::error);
  CHECK(run.count("settled") == 2);
  CHECK(run.state.spent.tokens == 153);
  check_replay(run);
}

TEST_CASE("after a crash both attempts count, the hedge too, once", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  auto next = run_driver{two_models(), run.records, resume_reason::crash};
  CHECK(next.state.spent.tokens == 2 * worst_case);
  CHECK(next.state.reserved.tokens == worst_case);  // of the call that is made again
  next.model_says("[FINAL] B 12");
  const auto view = next.view();
  CHECK(view.usage.model_calls == 3);
  CHECK(view.by_model.at("lab/two").prompt_tokens == 153);
  CHECK(view.by_model.at("lab/one").prompt_tokens == 153 + 10);
  auto meter = usage_meter{};
  for (const auto& r : next.records)
    meter.note(r);
  const auto taken = meter.take({"alice"}, {"p"}, {});
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].calls == 2);
  CHECK(taken[1].calls == 1);
  CHECK(taken[1].prompt_tokens == 153);
  check_replay(next);
}

TEST_CASE("a cancel counts what both may have cost", "[domain][run]") {
  auto run = run_driver{two_models()};
  want(run);
  run.cancel();
  CHECK(run.state.status == run_status::cancelled);
  CHECK(run.state.spent.tokens == 2 * worst_case);
  CHECK(run.view().usage.model_calls == 2);
  check_replay(run);
}

}  // namespace
}  // namespace persona_runtime
