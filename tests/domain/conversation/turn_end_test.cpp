// What ends a turn before its answer is there, on the rules alone.

#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a cancelled turn keeps what was shown and says so", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_streams("Three ");
  t.cancel("enough");
  CHECK(t.state.status == message_status::cancelled);
  CHECK(t.answer() == "Three ");
  CHECK(t.events() == after_recall({"chunk", "cancelled", "finished"}));
  CHECK(t.count("finished") == 1);
  t.model_streams("more");
  t.cancel();
  CHECK(t.count("finished") == 1);
}

TEST_CASE("a cancel during tools gives every call a result", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("write", "a"), wants("search", "b")});
  t.cancel();
  CHECK(t.state.status == message_status::cancelled);
  CHECK(t.count("tool_result") == 2);
  CHECK(t.count("activity_start") == t.count("activity_end"));
  auto contents = texts{};
  for (const auto& r : t.records) {
    if (const auto* result = std::get_if<fact::tool_result>(&r))
      contents.push_back(result->content);
  }
  CHECK(contents == texts{"write UNKNOWN", "search NOT DONE"});
}

TEST_CASE("a cancel before memory has answered ends the turn", "[domain][conversation]") {
  auto options = turn_options{};
  options.recalls = false;
  auto t = turn_driver{options};
  t.cancel();
  CHECK(t.events() == texts{"cancelled", "finished"});
  t.recall();
  CHECK(t.sent.empty());
}

TEST_CASE("a deadline ends the turn as an error", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_streams("Thr");
  t.tell(deadline_passed{});
  CHECK(t.state.status == message_status::error);
  CHECK(t.last<turn_fact::failed>().kind == "budget_exhausted");
  CHECK(t.answer() == "Thr");
}

TEST_CASE("a budget is checked before every call", "[domain][conversation]") {
  auto options = turn_options{};
  options.limits.max_tokens = 3'000;
  auto t = turn_driver{options};
  REQUIRE(t.sent.size() == 1);
  t.model_calls({wants("search")}, "I look.");
  t.tool_returns(0, times(2'500, "x"));
  CHECK(t.sent.size() == 1);
  CHECK(t.state.status == message_status::error);
  CHECK(t.last<turn_fact::failed>().kind == "budget_exhausted");
}

TEST_CASE("late and misplaced inputs change nothing", "[domain][conversation]") {
  auto t = turn_driver{};
  const auto before = t.records.size();
  t.tell(turn_begins{t.frame});
  t.tell(memory_recalled{current(t.state), {}, {}});
  t.tell(step_granted{current(t.state), call_kind::step, {}, 100});
  t.tell(tool_replied{current(t.state), {0}, {}, {}, {}, false});
  auto late = current(t.state);
  ++late.step.value;
  t.tell(model_replied{late, {}, "lab/frontier-model", 0.0});
  CHECK(t.records.size() == before);
}
