// text_summarize in a run: a model call of its own, within the run's budget.

#include "domain/tool/summarize.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::test;
using Catch::Matchers::Contains;

namespace {

driver_options summarising() {
  auto options = driver_options{};
  options.setup.tools.push_back(text_summarize_definition());
  std::ranges::sort(options.setup.tools, {}, &tool_definition::name);
  options.setup.allowed.emplace_back(text_summarize_name);
  return options;
}

run_driver started(driver_options options = summarising()) {
  auto run = run_driver{std::move(options)};
  run.rules.summary_instruction = "AT MOST {words} WORDS";
  return run;
}

tool_call summarise(std::string text = "Tides and berths.", std::string id = "s1") {
  return wants("text_summarize", std::move(id),
               R"({"text":")" + std::move(text) + R"(","max_words":20})");
}

}  // namespace

TEST_CASE("BT-19 a summary is a call of the small tier that the run pays for",
          "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  REQUIRE(run.open_call);
  CHECK(run.request().kind == call_kind::tool_summary);
  CHECK(run.request().tier == "small");
  CHECK(run.request().tools == nullptr);
  CHECK(run.request().reply_tokens_max == 120);
  CHECK(run.texts() == std::vector<std::string>{"AT MOST 20 WORDS", "Tides and berths."});
  CHECK(run.state.reserved.tokens > 120);
  CHECK(run.state.phase == run_phase::tools);
  const auto before = run.state.spent.tokens;
  run.model_says("Short.", {40, 3, false});
  CHECK(run.state.spent.tokens == before + 43);
  CHECK(run.last<fact::tool_result>().content == "Short.");
  CHECK(run.request().kind == call_kind::step);  // the next step
  CHECK(run.texts().back() == "Short.");
  CHECK(differences(run.state, run.replayed()).empty());
  run.model_says("[FINAL] done");
  CHECK(run.view().by_model.at("lab/small-model").model_calls == 1);
  CHECK(run.view().usage.model_calls == 3);
  CHECK(run.open_tools.empty());
}

TEST_CASE("BT-19 a blank text asks no model", "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise("  ")});
  CHECK(run.last<fact::tool_result>().is_error);
  CHECK(run.sent.size() == 2);
  CHECK(run.request().kind == call_kind::step);
}

TEST_CASE("BT-19 a summary that the budget does not allow is a tool error, and no call",
          "[domain][run][tool]") {
  auto options = summarising();
  options.limits.max_tokens = 4'000;
  auto run = started(std::move(options));
  run.model_calls({summarise(times(5'000, "x"))});
  CHECK(run.last<fact::tool_result>().is_error);
  CHECK_THAT(run.last<fact::tool_result>().content, Contains("tokens limit"));
  CHECK(run.count("reserved") >= 1);
  for (const auto& call : run.sent)
    CHECK(call.kind != call_kind::tool_summary);
}

TEST_CASE("BT-19 a model that fails is a tool error; what it cost is counted",
          "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  const auto before = run.state.spent.tokens;
  run.model_fails({}, std::nullopt, {30, 0, true});
  CHECK(run.last<fact::tool_result>().is_error);
  CHECK(run.state.spent.tokens == before + 30);
  CHECK(run.state.status == run_status::running);
  CHECK(run.request().kind == call_kind::step);
}

TEST_CASE("a summary is tried again where the tier says so", "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  auto again = retry_plan{};
  again.walk.retried = true;
  again.delay = std::chrono::milliseconds{50};
  run.model_fails({}, again);
  CHECK(run.request().kind == call_kind::tool_summary);
  CHECK(run.request().delay == std::chrono::milliseconds{50});
  run.model_says("Short.");
  CHECK(run.last<fact::tool_result>().content == "Short.");
  CHECK(differences(run.state, run.replayed()).empty());
}

TEST_CASE("an attempt after output had begun has a reservation of its own", "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  auto error = model_error{};
  error.output_begun = true;
  const auto reserved = run.count("reserved");
  run.model_fails(error, retry_plan{}, {30, 0, true});
  CHECK(run.count("reserved") == reserved + 1);
  run.model_says("Short.");
  CHECK(run.last<fact::tool_result>().content == "Short.");
  CHECK(differences(run.state, run.replayed()).empty());
}

TEST_CASE("a summary stands alone among the calls of its step", "[domain][run][tool]") {
  auto run = started();
  run.model_calls({wants("search", "c1"), summarise(), wants("note", "c3")});
  CHECK(run.open_tools.size() == 1);
  CHECK_FALSE(run.open_call);
  run.tool_returns(0, "found");
  REQUIRE(run.open_call);
  CHECK(run.open_tools.empty());
  run.model_says("Short.");
  CHECK(run.open_tools.size() == 1);  // and then the last one
  run.tool_returns(2, "noted");
  CHECK(run.request().kind == call_kind::step);
}

TEST_CASE("after a crash a summary is asked for again, and the lost one counts as spent",
          "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  const auto open = run.state.reserved.tokens;
  const auto spent = run.state.spent.tokens;
  auto options = summarising();
  auto next = run_driver{std::move(options), run.records, resume_reason::crash};
  CHECK(next.state.spent.tokens == spent + open);
  REQUIRE(next.open_call);
  CHECK(next.request().kind == call_kind::tool_summary);
  next.model_says("Short.");
  CHECK(next.last<fact::tool_result>().content == "Short.");
  CHECK(differences(next.state, next.replayed()).empty());
}

TEST_CASE("a cancel ends a summary with its run", "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  run.cancel();
  CHECK(run.state.status == run_status::cancelled);
  CHECK_FALSE(run.open_call);
}

TEST_CASE("a late answer to a summary changes nothing", "[domain][run][tool]") {
  auto run = started();
  run.model_calls({summarise()});
  const auto late = *run.open_call;
  run.model_says("Short.");
  const auto written = run.records.size();
  auto reply = model_reply{};
  reply.text = "Late.";
  run.tell(model_replied{late.call, reply, "lab/small-model", 0.0});
  CHECK(run.records.size() == written);
}
