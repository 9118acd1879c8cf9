// Budgets inside a run: what is asked for before a call, and how a run ends that has used its own
// up (contract §6 "How a run ends").

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using test::driver_options;
using test::run_driver;
using test::times;
using test::wants;

driver_options tokens(std::uint64_t most) {
  auto o = driver_options{};
  o.limits.max_tokens = most;
  return o;
}

TEST_CASE("a step asks for its worst case: all that is sent and the reply cap", "[domain][run]") {
  run_driver run;
  REQUIRE(run.reservations.size() == 1);
  const auto& asked = run.reservations[0].request;
  // "system: You are Mira." LF "user: Find a berth.", 100 of schemas, 4 per message and 4 more
  CHECK(asked.prompt_tokens == 21 + 1 + 19 + 100 + 12);
  CHECK(asked.reply_tokens == 1'000);
  CHECK(run.last<fact::reserved>().amount.tokens == 1'153);
  run.model_calls({wants("search", "c1", R"({"q":"berth"})")});
  run.tool_returns(0, "free");
  const auto& next = run.reservations[1].request;  // arguments count as well
  CHECK(next.prompt_tokens == 22 + 20 + 12 + 10 + 24 + 100 + 4 * 5);
}

TEST_CASE("other tokenizers are given 5 % more", "[domain][run]") {
  auto options = driver_options{};
  options.tiers.tiers[0].members[0].counts_exactly = false;
  auto run = run_driver{options};
  CHECK(run.reservations.at(0).request.prompt_tokens == 161);  // 153 * 1.05, rounded up
}

TEST_CASE("the reply cap is cut to what is left, down to 256", "[domain][run]") {
  // 153 go for the prompt, 5 % are kept for the summary
  auto plenty = run_driver{tokens(10'000)};
  CHECK(plenty.request().reply_tokens_max == 1'000);
  auto some = run_driver{tokens(1'000)};
  CHECK(some.request().reply_tokens_max == 1'000 - 50 - 153);
  auto least = run_driver{tokens(430)};
  CHECK(least.request().reply_tokens_max == 256);
  CHECK(least.request().kind == call_kind::step);
  auto less = run_driver{tokens(429)};  // one less: no step begins
  CHECK(less.request().kind == call_kind::partial_result);
  CHECK(less.count("thinking") == 0);
  CHECK(less.last<fact::budget>().kind == budget_kind::tokens);
  CHECK(less.last<fact::budget>().limit == 429);
}

TEST_CASE("a used-up budget: the partial result is paid from its share", "[domain][run]") {
  auto spent = run_driver{tokens(20'000)};
  spent.model_says("hm.", {18'000, 700, false});
  CHECK(spent.request().kind == call_kind::partial_result);
  CHECK(spent.last<fact::winding_up>().status == run_status::budget_exhausted);
  spent.model_says("Half of it.", {100, 20, false});
  const auto v = spent.view();
  CHECK(v.status == run_status::budget_exhausted);
  CHECK(v.output == "Half of it.");
  CHECK(v.error.empty());
  CHECK(spent.count("max_steps") == 0);
  CHECK(v.steps.size() == 1);
}

TEST_CASE("no room for the partial result: the output is null and the error says why",
          "[domain][run]") {
  auto run = run_driver{tokens(2'000)};
  run.model_says("hm.", {1'900, 50, false});
  const auto v = run.view();
  CHECK(run.is_over());
  CHECK(v.status == run_status::budget_exhausted);
  CHECK_FALSE(v.output);
  CHECK(v.error == "summary_failed: no budget is left for a summary");
  CHECK(v.error_kind == "summary_failed");
}

TEST_CASE("a failing partial result leaves the status as it is", "[domain][run]") {
  auto options = driver_options{};
  options.limits.max_steps = 1;
  auto run = run_driver{options};
  run.model_says("hm.");
  auto down = model_error{};
  down.status = 500;
  run.model_fails(down);
  CHECK(run.view().status == run_status::max_steps_reached);
  CHECK_FALSE(run.view().output);
  CHECK(run.view().error.starts_with("summary_failed: "));
  CHECK(run.last<fact::max_steps>().summary.empty());
  CHECK(run.count("error") == 0);
}

TEST_CASE("a cost budget bounds the calls, and ends the run", "[domain][run]") {
  auto options = driver_options{};
  options.limits.max_cost_cents = 1.0;  // a prompt of 153 costs 0.153; 423 reply tokens 0.846
  auto run = run_driver{options};
  CHECK(run.request().reply_tokens_max == 423);
  CHECK(run.last<fact::reserved>().amount.cents.value() <= 1.0);
  run.model_says("hm.", {200, 300, false});  // 0.8 are gone
  CHECK(run.last<fact::budget>().kind == budget_kind::cost_cents);
  CHECK(run.state.ending == run_status::budget_exhausted);
}

TEST_CASE("D-27 a model without a price is never called under a cost budget", "[domain][run]") {
  auto options = driver_options{};
  options.limits.max_cost_cents = 1'000.0;
  for (auto& tier : options.tiers.tiers)
    tier.members[0].price.reset();
  auto run = run_driver{options};
  CHECK(run.is_over());
  CHECK(run.sent.empty());
  CHECK(run.view().status == run_status::budget_exhausted);
}

TEST_CASE("80 % of a budget is announced once", "[domain][run]") {
  auto run = run_driver{tokens(10'000)};
  run.model_says("one.", {6'000, 500, false});
  CHECK(run.count("budget") == 0);
  run.model_calls({wants("search")});
  CHECK(run.count("budget") == 0);  // 6,500 and a worst case of 1,200: not yet
  run.tool_returns(0, times(500, "x"));
  REQUIRE(run.count("budget") == 1);
  const auto warned = run.last<fact::budget>();
  CHECK(warned.limit == 10'000);
  CHECK(warned.used == 6'515);
  CHECK(warned.used + warned.reserved >= 8'000);
  run.model_says("two.");
  CHECK(run.count("budget") == 1);
  CHECK(run.replayed().warned_tokens);
}

TEST_CASE("the deadline: warned at 80 %, ended when it has passed", "[domain][run]") {
  auto options = driver_options{};
  options.limits.deadline_s = 100;
  options.limits.deadline = instant{1'000'000 + 100'000};
  auto run = run_driver{options};
  CHECK(run.count("budget") == 0);
  run.now.value += 80'000;
  run.model_calls({wants("search")});
  run.tool_returns(0, "a");
  REQUIRE(run.count("budget") == 1);
  CHECK(run.last<fact::budget>().kind == budget_kind::deadline);
  CHECK(run.last<fact::budget>().used == 80.0);
  run.now.value += 20'000;
  const auto sent = run.sent.size();
  run.tell(deadline_passed{});
  CHECK(run.sent.size() == sent);  // no further model call
  CHECK(run.view().status == run_status::budget_exhausted);
  CHECK(run.view().error_kind == "budget_exhausted");
  CHECK(run.last<fact::budget>().used == 100.0);
  CHECK(run.view().steps.size() == 1);
}

TEST_CASE("D-11 usage above its reservation is recorded; the run ends when a limit is passed",
          "[domain][run]") {
  auto run = run_driver{tokens(3'000)};
  run.model_says("hm.", {2'500, 2'500, false});
  CHECK(run.state.spent.tokens == 5'000);
  CHECK(run.view().status == run_status::budget_exhausted);
}

TEST_CASE("a summary that does not fit the budget never ends the run by itself", "[domain][run]") {
  auto options = driver_options{};
  for (auto& tier : options.tiers.tiers)
    tier.members[0].context_window = 9'100;                                 // full at 6,400
  options.tiers.tiers[2].members[0].price = model_price{1'000.0, 1'000.0};  // a dear small model
  options.limits.max_cost_cents = 100.0;
  auto run = run_driver{options};
  for (auto i = 0; i < 4; ++i) {
    run.model_calls({wants("search")});
    run.tool_returns(0, times(1'700, "x"));
  }
  CHECK(run.count("fold_failed") == 1);
  REQUIRE_FALSE(run.is_over());
  CHECK(run.request().kind == call_kind::step);
}

}  // namespace
}  // namespace persona_runtime
