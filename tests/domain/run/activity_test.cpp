// What viewers of a run see of its tool calls (spec runtime §8).

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::test;
using texts = std::vector<std::string>;

namespace {

template <class Fact>
std::vector<Fact> all_of_kind(const run_driver& run) {
  auto out = std::vector<Fact>{};
  for (const auto& r : run.records) {
    if (const auto* found = std::get_if<Fact>(&r))
      out.push_back(*found);
  }
  return out;
}

}  // namespace

TEST_CASE("ACT-01 every call has one start and one end, paired by id", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "c1"), wants("note", "c2")});
  run.now = {1'000'250};
  run.tool_returns(1, "noted");
  run.tool_returns(0, "found");
  const auto starts = all_of_kind<fact::activity_began>(run);
  const auto ends = all_of_kind<fact::activity_ended>(run);
  REQUIRE(starts.size() == 2);
  REQUIRE(ends.size() == 2);
  CHECK(starts[0].what.activity_id.size() == 32);
  CHECK(starts[0].what.activity_id != starts[1].what.activity_id);
  CHECK(ends[0].what.activity_id == starts[1].what.activity_id);
  CHECK(ends[1].what.activity_id == starts[0].what.activity_id);
  CHECK(starts[0].step == step_index{0});
  CHECK(ends[0].step == step_index{0});
  CHECK(ends[0].what.duration_ms == 250);
  CHECK(ends[0].what.result_summary == "noted");
  CHECK(differences(run.state, run.replayed()).empty());
}

TEST_CASE("ACT-04 a tool that is not allowed shows start and end, then its result",
          "[domain][run]") {
  run_driver run;
  run.model_calls({wants("paint")});
  const auto events = run.events();
  CHECK(texts(events.begin() + 2, events.begin() + 6)
        == texts{"tool_calling", "activity_start", "activity_end", "tool_result"});
  const auto end = run.last<fact::activity_ended>();
  CHECK(end.what.status == activity_status::error);
  CHECK(end.what.is_error);
  CHECK(end.what.result_summary.starts_with("ToolNotAllowedError: "));
}

TEST_CASE("ACT-05 an error result never ends as ok", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search")});
  run.tool_returns(0, "no such berth", true);
  CHECK(run.last<fact::activity_ended>().what.status == activity_status::error);
}

TEST_CASE("ACT-06 secrets in arguments are in no activity", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "c1", R"({"api_key":"s3cret","q":"berth"})")});
  const auto start = run.last<fact::activity_began>().what;
  CHECK(start.args_summary.at("q") == "berth");
  CHECK(start.args_summary.at("api_key").find("s3cret") == std::string::npos);
}

TEST_CASE("AGT-21 a call that was cut off shows its result only", "[domain][run]") {
  run_driver run;
  auto cut = wants("search");
  cut.truncated = true;
  run.model_calls({cut});
  CHECK(run.count("activity_start") == 0);
  CHECK(run.count("tool_result") == 1);
}

TEST_CASE("a call that a crash interrupted begins once for its viewers", "[domain][run]") {
  run_driver before;
  before.model_calls({wants("search", "c1"), wants("write", "c2")});
  auto after = run_driver{driver_options{}, before.records, resume_reason::crash};
  CHECK(after.count("activity_start") == 2);
  CHECK(after.count("activity_end") == 1);  // of the side effect, whose outcome nobody knows
  CHECK(after.last<fact::activity_ended>().what.result_summary.starts_with("Interrupted: "));
  after.tool_returns(0, "found");
  CHECK(after.count("activity_end") == 2);
  CHECK(differences(after.state, after.replayed()).empty());
}
