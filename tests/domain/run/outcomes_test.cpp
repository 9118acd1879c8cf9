// What a run is to the outside (spec runtime §14.5).

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

namespace persona_runtime {
namespace {

using test::run_driver;
using test::wants;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("RUN-01 a fresh run: no steps, no output, no error, its own id", "[domain][run]") {
  run_driver run;
  const auto v = run.view();
  CHECK(v.run == run_id{"run_1"});
  CHECK(v.steps.empty());
  CHECK_FALSE(v.output);
  CHECK(v.error.empty());
  CHECK_FALSE(v.finished_at);
  const auto json = to_json(v, true);
  CHECK(holds(json, R"("id":"run_1","persona_id":"persona_1","task":"Find a berth.")"));
  CHECK(holds(json, R"("status":"running","steps":[],"output":null,"error":null)"));
  CHECK(holds(json, R"("finished_at":null)"));
}

TEST_CASE("RUN-02 instants are UTC; one without a zone is refused", "[domain][run]") {
  run_driver run;
  CHECK(holds(to_json(run.view(), true), R"("started_at":"1970-01-01T00:16:40Z")"));
  const auto line = std::string{
    R"({"seq":0,"run_id":"r","type":"started","step":-1,"data":{"task":"x"},"timestamp":)"};
  CHECK(decode(line + R"("1970-01-01T00:16:40Z"})").has_value());
  CHECK_FALSE(decode(line + R"("1970-01-01T00:16:40"})").has_value());
  CHECK_FALSE(decode(line + R"("soon"})").has_value());
}

TEST_CASE("RUN-03 a run with steps reads back the same", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "a", R"({"q":"berth"})")}, "looking");
  run.tool_returns(0, "berth 4");
  run.model_says("[ASK_USER] Sure?");
  run.user_says("Yes");
  run.model_says("Hm.");
  run.model_says("[FINAL] berth 4");
  auto again = run_view{};
  for (const auto& r : decode_body(run.body()).value())
    again.apply(r.body, r.at);
  CHECK(again.status == run_status::completed);
  CHECK(to_json(again, true) == to_json(run.view(), true));
  CHECK(to_json(again, false) == to_json(run.view(), false));
}

TEST_CASE("RUN-04 numbers below zero are refused", "[domain][run]") {
  auto text = std::string{};
  encode(text, fact::settled{"lab/m", {10, 5, false}, 0.5}, {{"run_1"}, {}, {}});
  text.pop_back();
  REQUIRE(decode(text).has_value());
  text.replace(text.find(":10,"), 4, ":-1,");
  CHECK_FALSE(decode(text).has_value());
}

TEST_CASE("RUN-05 a second cancel changes nothing", "[domain][run]") {
  run_driver run;
  run.cancel("first");
  const auto records = run.records.size();
  run.cancel("second");
  CHECK(run.records.size() == records);
  CHECK(run.last<fact::cancelled>().reason == "first");
  CHECK(run.count("finished") == 1);
}

TEST_CASE("RUN-06 why a run has no result stands in its error, token first", "[domain][run]") {
  run_driver stuck;
  for (auto i = 0; i < 5; ++i)
    stuck.model_says("hm.");
  CHECK(stuck.view().error
        == "no_progress: 5 steps in a row without a tool call, a question or a result");
  CHECK(holds(to_json(stuck.view(), false), R"("error_kind":"no_progress")"));
  run_driver cancelled;
  cancelled.cancel();
  CHECK(cancelled.view().error.empty());  // the status says it
}

TEST_CASE("every status has a name that leads back to it", "[domain][run]") {
  for (auto i = 0; i <= static_cast<int>(run_status::error); ++i) {
    const auto status = static_cast<run_status>(i);
    CHECK(status_of(name_of(status)) == status);
    CHECK(is_terminal(status) == (i >= 2));
  }
  CHECK_FALSE(status_of("done"));
  CHECK_FALSE(status_of(""));
}

TEST_CASE("RunStatus shows limits, metadata and the usage by model", "[domain][run]") {
  auto spec = run_spec{};
  spec.persona = {"persona_1"};
  spec.task = "x";
  spec.limits.max_tokens = 500;
  spec.limits.deadline_s = 1.5;
  spec.metadata = R"({"team":"quay"})";
  auto v = run_view{};
  v.apply(fact::accepted{{"run_1"}, std::make_shared<const run_spec>(spec)}, {});
  v.apply(fact::started{"x"}, {});
  v.apply(fact::reserved{}, {});
  v.apply(fact::settled{R"(lab/"odd")", {10, 5, true}, std::nullopt}, {});
  const auto json = to_json(v, false);
  CHECK(holds(
    json, R"("limits":{"max_steps":20,"max_tokens":500,"max_cost_cents":null,"deadline_s":1.5})"));
  CHECK(holds(json, R"("metadata":{"team":"quay"})"));
  CHECK(holds(json, R"("by_model":{"lab/\"odd\"":{"model_calls":1,"prompt_tokens":10)"));
  CHECK(holds(json, R"("estimated":true)"));
  CHECK_FALSE(holds(json, "\"steps\""));
}

}  // namespace
}  // namespace persona_runtime
