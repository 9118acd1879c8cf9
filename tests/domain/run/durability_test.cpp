// Crashes and restarts as rules: what is done again, what never is (design §4, contract §6).

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using test::driver_options;
using test::run_driver;
using test::wants;

run_driver again(const run_driver& before, resume_reason why = resume_reason::crash) {
  return run_driver{driver_options{}, before.records, why};
}

TEST_CASE("D-10 a model call in flight is made again; its reservation counts as spent",
          "[domain][run]") {
  run_driver before;
  const auto reserved = before.state.reserved.tokens;
  CHECK(reserved == 1'153);
  auto after = again(before);
  CHECK(after.state.spent.tokens == reserved);
  REQUIRE(after.open_call);
  CHECK(after.open_call->call.attempt > before.open_call->call.attempt);
  CHECK(after.open_call->call.life == incarnation{1});
  CHECK(after.count("thinking") == 1);
  after.model_says("[FINAL] x");
  CHECK(after.view().usage.model_calls == 2);  // the lost one was sent as well
  CHECK(after.view().usage.prompt_tokens == reserved - 1'000 + 10);
  CHECK(after.view().usage.estimated);
}

TEST_CASE("D-10 a side effect that had begun is not repeated: its outcome is unknown",
          "[domain][run]") {
  run_driver before;
  before.model_calls({wants("write", "w"), wants("search", "s")});
  CHECK(before.count("tool_started") == 1);
  auto after = again(before);
  const auto result = after.last<fact::tool_result>();
  CHECK(result.call_id == "w");
  CHECK(result.is_error);
  CHECK(result.content == "what became of write is not known");
  REQUIRE(after.open_tools.size() == 1);  // the other one simply runs again
  CHECK(after.open_tools[0].index == call_index{1});
  after.tool_returns(1, "found");
  CHECK(after.open_call);
}

TEST_CASE("signed thinking goes back with the results of its calls, after a crash too",
          "[domain][run]") {
  const auto thinking = sealed_thinking{"lab/x", R"([{"signature":"s"}])"};
  const auto reserved_with = [](const sealed_thinking& t) {
    run_driver run;
    run.model_calls({wants("search", "s")}, {}, t);
    run.tool_returns(0, "found");
    return run.state.reserved.tokens;
  };
  CHECK(reserved_with(thinking) > reserved_with({}));  // it is sent, so it is paid for
  run_driver before;
  before.model_calls({wants("search", "s")}, {}, thinking);
  auto after = again(before);
  after.tool_returns(0, "found");
  const auto& context = after.request().context;
  const auto called =
    std::ranges::find_if(context, [](const auto& m) { return !m->calls.empty(); });
  REQUIRE(called != context.end());
  CHECK((*called)->thinking == thinking);
}

TEST_CASE("D-10 an idempotent call runs again under the same place", "[domain][run]") {
  run_driver before;
  before.model_calls({wants("note", "n")});
  CHECK(before.count("tool_started") == 0);
  auto after = again(before);
  REQUIRE(after.open_tools.size() == 1);
  CHECK(after.open_tools[0].what == before.open_tools.at(0).what);
  CHECK(after.open_tools[0].call.step == before.open_tools[0].call.step);
  CHECK(after.open_tools[0].index == before.open_tools[0].index);
}

TEST_CASE("a call that never started simply runs", "[domain][run]") {
  run_driver before;
  auto calls = std::vector<tool_call>{wants("solo", "s"), wants("write", "w")};
  before.model_calls(calls);
  CHECK(before.open_tools.size() == 1);  // write waits for solo
  auto after = again(before);
  after.tool_returns(0, "x");
  REQUIRE(after.open_tools.size() == 1);
  CHECK(after.open_tools[0].what.name == "write");
  CHECK(after.count("tool_started") == 1);
}

TEST_CASE("a result that was kept is not asked for again", "[domain][run]") {
  run_driver before;
  before.model_calls({wants("search", "a"), wants("search", "b")});
  before.tool_returns(1, "second");
  auto after = again(before);
  REQUIRE(after.open_tools.size() == 1);
  CHECK(after.open_tools[0].index == call_index{0});
  after.tool_returns(0, "first");
  CHECK(after.view().steps.at(0).results.at(1).content == "second");
}

TEST_CASE("a question waits on after a restart, and its answer is taken", "[domain][run]") {
  run_driver before;
  before.model_says("[ASK_USER] Where?");
  auto after = again(before, resume_reason::restart);
  CHECK(after.state.status == run_status::awaiting_user);
  CHECK(std::holds_alternative<await_answer>(after.effects.back()));
  after.user_says("Here.", "q_0");
  CHECK(after.texts().back() == "Here.");
  CHECK(after.count("asking_user") == 1);
}

TEST_CASE("three crashes are the supervisor's to count; its verdict ends the run",
          "[domain][run]") {
  run_driver run;
  run.model_calls({wants("write")});
  run.tell(crashed_too_often{});
  CHECK(run.view().status == run_status::error);
  CHECK(run.view().error_kind == "crash_loop");
  CHECK(run.last<fact::error>().message == "three crashes within 60 s");
}

TEST_CASE("twenty restarts in a row without a new step: crash_loop", "[domain][run]") {
  auto run = run_driver{};
  for (auto restart = 1; restart < 20; ++restart) {
    run = again(run, resume_reason::restart);
    REQUIRE_FALSE(run.is_over());
  }
  SECTION("the twentieth ends it") {
    run = again(run, resume_reason::restart);
    CHECK(run.view().error_kind == "crash_loop");
    CHECK(run.count("resumed") == 20);
  }
  SECTION("a recorded step begins the count anew") {
    run.model_calls({wants("search")});
    run.tool_returns(0, "x");
    run = again(run, resume_reason::restart);
    CHECK_FALSE(run.is_over());
    CHECK(run.state.restarts_in_row == 1);
  }
  SECTION("crashes of the actor do not count") {
    run = again(run, resume_reason::crash);
    CHECK_FALSE(run.is_over());
  }
}

TEST_CASE("the last append before an unknown outcome can end the step", "[domain][run]") {
  run_driver before;
  before.model_calls({wants("write", "w")});
  auto after = again(before);
  CHECK(after.view().steps.size() == 1);
  REQUIRE(after.open_call);
  CHECK(after.open_call->call.step == step_index{1});
  after.model_says("[FINAL] x");
  CHECK(test::differences(after.state, after.replayed()).empty());
}

TEST_CASE("a crash while a run winds up: the partial result is made again", "[domain][run]") {
  auto options = driver_options{};
  options.limits.max_steps = 1;
  auto before = run_driver{options};
  before.model_says("hm.");
  CHECK(before.request().kind == call_kind::partial_result);
  auto after = again(before);
  CHECK(after.request().kind == call_kind::partial_result);
  after.model_says("What I have.");
  CHECK(after.view().status == run_status::max_steps_reached);
  CHECK(after.view().output == "What I have.");
}

TEST_CASE("more than 64 calls in one step: the rest are errors that name the bound",
          "[domain][run]") {
  run_driver run;
  run.model_calls(std::vector<tool_call>(66, wants("search")));
  CHECK(run.count("tool_result") == 2);
  CHECK(run.last<fact::tool_result>().content == "more than 64 calls");
  for (auto i = 0u; i < 64; ++i)
    run.tool_returns(i, "x");
  CHECK(run.view().steps.at(0).results.size() == 66);
  CHECK(run.view().steps[0].results[65].is_error);
  CHECK(run.open_call);
}

TEST_CASE("no tier is configured: the run ends and says so", "[domain][run]") {
  auto options = driver_options{};
  options.tiers.tiers.clear();
  auto run = run_driver{options};
  CHECK(run.view().error_kind == "model_unavailable");
}

}  // namespace
}  // namespace persona_runtime
