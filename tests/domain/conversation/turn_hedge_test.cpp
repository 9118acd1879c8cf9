// A second model beside one that does not begin to answer a turn.

#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using test::turn_driver;
using test::turn_options;

turn_options three_members() {
  auto options = turn_options{};
  for (auto& tier : options.tiers.tiers) {
    const auto first = tier.members.front();
    tier.members = {first, first, first};
    tier.members[1].model = "second";
    tier.members[2].model = "third";
  }
  return options;
}

void want(turn_driver& t, std::string model = "lab/second") {
  t.tell(hedge_wanted{current(t.state), std::move(model)});
}

std::size_t hedges(const turn_driver& t) {
  return static_cast<std::size_t>(std::ranges::count_if(
    t.effects, [](const turn_effect& e) { return std::holds_alternative<start_hedge>(e); }));
}

model_replied replied_by_second(const turn_driver& t, std::string text) {
  auto reply = model_reply{};
  reply.text = std::move(text);
  reply.usage = {150, 40, false};
  return {current(t.state), std::move(reply), "lab/second", 0.25,
          lost_call{t.options.tiers.tiers[0].members[0].label(), {150, 0, true}, 0.125, {}}};
}

TEST_CASE("a turn reserves a hedge beside its call, and settles both", "[domain][conversation]") {
  auto t = turn_driver{three_members()};
  const auto alone = t.state.reserved.tokens;
  want(t);
  REQUIRE(hedges(t) == 1);
  CHECK(t.last<fact::reserved>().beside);
  CHECK(t.last<fact::reserved>().model == "lab/second");
  CHECK(t.state.reserved.tokens == 2 * alone);
  CHECK(t.state.phase == turn_phase::calling);
  CHECK(t.replayed().reserved == t.state.reserved);
  t.model_streams("Three ");
  t.tell(replied_by_second(t, "Three are free."));
  CHECK(t.is_over());
  CHECK(t.answer() == "Three are free.");
  CHECK(t.count("settled") == 2);
  CHECK(t.last<fact::settled>().model == "lab/second");
  CHECK(t.state.spent.tokens == 150 + 190);
  CHECK(*t.state.spent.cents == Approx(0.375));
  CHECK(t.last<turn_fact::done>().usage.prompt == 300);
  CHECK_FALSE(t.log().fallback_engaged);
  CHECK(t.log().tier_model_chosen == "second");
  const auto back = t.replayed();
  CHECK(back.spent == t.state.spent);
  CHECK(back.visible == t.state.visible);
  CHECK(back.status == message_status::complete);
}

TEST_CASE("a model that failed beside the one that answered stands in the turn's log",
          "[domain][conversation]") {
  auto t = turn_driver{three_members()};
  want(t);
  auto reply = replied_by_second(t, "Three are free.");
  reply.lost->error = "BackendTimeoutError";
  t.tell(reply);
  CHECK(t.log().fallback_engaged);
  CHECK(t.log().tier_fallback_reasons == std::vector<std::string>{"BackendTimeoutError"});
}

TEST_CASE("a turn's budget is not stretched for a hedge", "[domain][conversation]") {
  auto plain = turn_driver{three_members()};
  const auto one = plain.state.reserved.tokens;
  auto options = three_members();
  options.limits.max_tokens = 2 * one;
  auto t = turn_driver{options};
  want(t);
  CHECK(hedges(t) == 0);
  CHECK(t.state.reserved.tokens == one);
  t.model_says("Three.");
  CHECK(t.state.status == message_status::complete);
}

TEST_CASE("a prompt that was built for a larger window is not hedged", "[domain][conversation]") {
  auto options = three_members();
  for (auto& tier : options.tiers.tiers)
    tier.members[1].context_window = 1'200;
  auto t = turn_driver{options};
  want(t);
  CHECK(hedges(t) == 0);
  want(t, "lab/third");  // once per call
  CHECK(hedges(t) == 0);
  t.model_says("Three.");
  CHECK(t.count("reserved") == 1);
}

TEST_CASE("D-28 a hedge that breaks off after it had spoken is continued by the one behind it",
          "[domain][conversation]") {
  auto t = turn_driver{three_members()};
  want(t);
  t.model_streams("Three ");
  auto error = model_error{};
  error.kind = model_error_class::backend_timeout;
  error.output_begun = true;
  const auto plan = retry_plan{{1, true}, std::chrono::milliseconds{200}, false, "lab/second"};
  t.tell(model_failed{current(t.state),
                      error,
                      "lab/second",
                      0.25,
                      {150, 0, true},
                      plan,
                      lost_call{"lab/first", {150, 0, true}, 0.125, {}}});
  CHECK(t.count("settled") == 2);
  REQUIRE(t.open_call);
  CHECK(t.open_call->what->walk.member == 2);
  CHECK(t.last<fact::fell_over>().from == "lab/second");
  CHECK(t.last<fact::fell_over>().to == "lab/third");
}

TEST_CASE("when both models of a turn fail, the next one asks anew", "[domain][conversation]") {
  auto t = turn_driver{three_members()};
  const auto one = t.state.reserved.tokens;
  want(t);
  auto error = model_error{};
  error.status = 503;
  t.tell(model_failed{current(t.state),
                      error,
                      "lab/second",
                      0.0,
                      {},
                      retry_plan{{2}, {}, true, "lab/third"},
                      lost_call{"lab/first", {}, 0.0, "ProviderError"}});
  CHECK(t.count("settled") == 2);
  CHECK(t.state.reserved.tokens == one);
  CHECK(t.open_call->what->walk.member == 2);
  CHECK_FALSE(t.last<fact::reserved>().beside);
  t.model_says("Three.");
  CHECK(t.log().tier_fallback_count == 2);
}

}  // namespace
}  // namespace persona_runtime
