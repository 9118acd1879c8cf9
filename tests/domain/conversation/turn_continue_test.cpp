// Calls that another model of the tier takes over, in the middle of an answer too.

#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

model_error cut_off() {
  auto e = model_error{};
  e.kind = model_error_class::backend_timeout;
  e.output_begun = true;
  return e;
}

turn_options with_two_members() {
  auto options = turn_options{};
  for (auto& tier : options.tiers.tiers) {
    tier.members.push_back(tier.members.front());
    tier.members.back().model = "second-model";
  }
  return options;
}

}  // namespace

TEST_CASE("D-28 another model goes on behind the text that was shown", "[domain][conversation]") {
  auto t = turn_driver{with_two_members()};
  t.model_streams("Three are ");
  auto plan = retry_plan{};
  plan.walk.retried = true;  // a broken stream, once more on the same model: another one instead
  plan.delay = std::chrono::milliseconds{200};
  t.model_fails(cut_off(), plan);
  REQUIRE(t.open_call);
  CHECK(t.open_call->what->walk.member == 1);
  CHECK(t.open_call->what->delay.count() == 0);
  const auto context = t.request().context;
  CHECK(context.at(context.size() - 2)->from == role::assistant);
  CHECK(context.at(context.size() - 2)->content.view() == "Three are ");
  CHECK(context.back()->from == role::user);
  CHECK(context.back()->content.view() == "GO ON");
  CHECK(t.last<fact::fell_over>().mid_stream);
  CHECK(t.last<fact::fell_over>().to == "lab/second-model");
  t.model_streams("fr");
  t.model_says("free.");
  CHECK(t.state.status == message_status::complete);
  CHECK(t.answer() == "Three are free.");
  CHECK(t.count("fell_over") == 1);
}

TEST_CASE("D-28 calls behind a continued text go with all of it", "[domain][conversation]") {
  auto t = turn_driver{with_two_members()};
  t.model_streams("I look ");
  t.model_fails(cut_off(), retry_plan{{1}, {}, true, "b"});
  t.model_calls({{"search", "{}", "c1", false}}, "it up.");
  CHECK(t.last<turn_fact::replied>().text == "I look it up.");
}

TEST_CASE("D-28 without another model what was read stays, and the turn ends",
          "[domain][conversation]") {
  auto t = turn_driver{with_two_members()};
  t.model_streams("Three are ");
  const auto on = retry_plan{{1}, {}, true, "lab/second-model"};
  t.model_fails(cut_off(), on);
  t.model_streams("fr");
  t.model_fails(cut_off());
  CHECK(t.state.status == message_status::error);
  CHECK(t.answer() == "Three are fr");
}
