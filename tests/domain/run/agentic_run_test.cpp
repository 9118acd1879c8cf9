// The acceptance lines of the agentic run (spec runtime §16.13) as rules alone.

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using test::driver_options;
using test::run_driver;
using test::times;
using test::wants;
using texts = std::vector<std::string>;

std::vector<std::string> step_types(const run_driver& run) {
  auto out = texts{};
  for (const auto& step : run.view().steps)
    out.emplace_back(step.type);
  return out;
}

texts tiers_of(const run_driver& run) {
  auto out = texts{};
  for (const auto& step : run.view().steps)
    out.push_back(step.tier);
  return out;
}

driver_options questions(std::uint32_t most, bool ask_user = true) {
  auto o = driver_options{};
  o.setup.questions_max = most;
  o.ask_user = ask_user;
  return o;
}

driver_options steps(std::uint32_t most) {
  auto o = driver_options{};
  o.limits.max_steps = most;
  return o;
}

TEST_CASE("AGT-01 tool, tool, result", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search")});
  run.tool_returns(0, "berth 4");
  run.model_calls({wants("note")});
  run.tool_returns(0, "noted");
  run.model_says("[FINAL] x");
  CHECK(run.view().status == run_status::completed);
  CHECK(run.view().output == "x");
  CHECK(step_types(run) == texts{"tool_call", "tool_call", "final"});
  CHECK(run.events()
        == texts{"started", "thinking", "tool_calling", "activity_start", "activity_end",
                 "tool_result", "thinking", "tool_calling", "activity_start", "activity_end",
                 "tool_result", "thinking", "completed", "finished"});
  CHECK(run.last<fact::finished>().steps == step_index{3});
}

TEST_CASE("AGT-02 a result at once: frontier, and the tokens of its usage", "[domain][run]") {
  run_driver run;
  run.model_says("[FINAL] done", {11, 7, false});
  REQUIRE(run.view().steps.size() == 1);
  CHECK(run.view().steps[0].tier == "frontier");
  CHECK(run.view().steps[0].tokens == 18);
  CHECK(run.view().steps[0].latency_ms == 12.5);
  CHECK(run.view().steps[0].content == "done");
}

TEST_CASE("AGT-03 a failing tool is data for the model", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search")});
  run.tool_returns(0, "the index is on fire", true);
  run.model_says("[FINAL] sorry");
  const auto v = run.view();
  CHECK(v.status == run_status::completed);
  CHECK(v.steps.at(0).results.at(0).is_error);
  CHECK(v.steps[0].results[0].content == "the index is on fire");
}

TEST_CASE("AGT-04 an invented name: the result lists what there is", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("serch")});
  CHECK(run.open_tools.empty());
  const auto result = run.last<fact::tool_result>();
  CHECK(result.is_error);
  CHECK(result.content == "serch is not there; there are note, search, solo, write");
  run.model_says("[FINAL] ok");
  CHECK(run.view().status == run_status::completed);
}

TEST_CASE("AGT-04 an invented name of any length is shown short and clean", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("se\x01rch\n" + std::string(10'000, 'x'))});
  CHECK(run.last<fact::tool_result>().content
        == "serch" + std::string(123, 'x') + " is not there; there are note, search, solo, write");
}

TEST_CASE("AGT-05 the same invented name twice: a nudge comes last", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("serch")});
  run.model_calls({wants("serch")});
  CHECK(run.texts().back() == "NO SUCH TOOL");
  CHECK(run.request().context.back()->from == role::user);
  run.model_says("[FINAL] ok");
  CHECK(run.sent.size() == 3);
}

TEST_CASE("AGT-06 different invented names, or a good step between: no nudge", "[domain][run]") {
  run_driver different;
  different.model_calls({wants("serch")});
  different.model_calls({wants("wirte")});
  CHECK(std::ranges::count(different.texts(), "NO SUCH TOOL") == 0);

  run_driver between;
  between.model_calls({wants("serch")});
  between.model_calls({wants("search")});
  between.tool_returns(0, "ok");
  between.model_calls({wants("serch")});
  CHECK(std::ranges::count(between.texts(), "NO SUCH TOOL") == 0);

  run_driver reasoned;  // a step without tools does not reset it
  reasoned.model_calls({wants("serch")});
  reasoned.model_says("Let me think about it for a moment.");
  reasoned.model_calls({wants("serch")});
  CHECK(reasoned.texts().back() == "NO SUCH TOOL");
}

TEST_CASE("AGT-07 a question gets its answer", "[domain][run]") {
  run_driver run;
  run.model_says("[ASK_USER] How long is she?");
  CHECK(run.state.status == run_status::awaiting_user);
  CHECK(run.last<fact::asking_user>().question == "How long is she?");
  CHECK_FALSE(run.open_call);
  run.user_says("Nine metres.");
  CHECK(run.texts().back() == "Nine metres.");
  CHECK(run.texts().at(2) == "[ASK_USER] How long is she?");
  run.model_says("[FINAL] Berth 4.");
  CHECK(run.view().steps.at(0).question == "How long is she?");
  CHECK(run.view().steps[0].user_answer == "Nine metres.");
  CHECK(run.events()
        == texts{"started", "thinking", "asking_user", "user_responded", "thinking", "completed",
                 "finished"});
}

TEST_CASE("AGT-08 nobody answers: the run goes on by itself", "[domain][run]") {
  auto run = run_driver{questions(5, false)};
  run.model_says("[ASK_USER] How long is she?");
  CHECK(run.texts().back() == "NO ANSWER");
  run.model_says("[FINAL] Berth 4.");
  CHECK_FALSE(run.view().steps.at(0).user_answer);
  CHECK(run.count("asking_user") == 1);
  CHECK(run.count("user_responded") == 0);
  const auto waited = std::ranges::any_of(
    run.effects, [](const effect& e) { return std::holds_alternative<await_answer>(e); });
  CHECK_FALSE(waited);
}

TEST_CASE("AGT-09 a short text with a question mark asks", "[domain][run]") {
  run_driver run;
  run.model_says("Which harbour do you mean?");
  CHECK(run.last<fact::asking_user>().question == "Which harbour do you mean?");
}

TEST_CASE("AGT-10 a long text with a question mark does not", "[domain][run]") {
  run_driver run;
  run.model_says(times(300, "x") + "?");
  CHECK(run.count("reasoning") == 1);
  run.model_says("[FINAL] " + times(300, "x") + "?");
  CHECK(run.view().status == run_status::completed);
  run_driver border;
  border.model_says(times(299, "x") + "?");
  CHECK(border.count("asking_user") == 1);
}

TEST_CASE("AGT-11 cancelled before its first call", "[domain][run]") {
  auto run = run_driver{driver_options{}};
  run_driver untouched;
  auto fresh = run_state{};
  fresh.setup = untouched.state.setup;
  auto past = accept(fresh, {"run_1"}, untouched.state.spec);
  auto none = decide(fresh, input{cancel{"never mind"}}, untouched.rules, {1});
  CHECK(std::holds_alternative<cancel_calls>(none.effects.at(0)));
  auto v = run_view{};
  for (const auto& r : past)
    v.apply(r, {1});
  for (const auto& r : none.records)
    v.apply(r, {1});
  CHECK(v.status == run_status::cancelled);
  CHECK(v.steps.empty());
  CHECK(v.usage.model_calls == 0);
  CHECK(std::get<fact::cancelled>(none.records.at(0)).step == step_index{0});
  CHECK(std::get<fact::finished>(none.records.at(1)).steps == step_index{0});
}

TEST_CASE("AGT-13 the steps run out", "[domain][run]") {
  auto run = run_driver{steps(3)};
  for (auto i = 0; i < 3; ++i)
    run.model_says("I am still thinking about it.");
  CHECK(run.request().kind == call_kind::partial_result);
  CHECK(run.request().tier == "frontier");
  CHECK(run.request().tools == nullptr);
  CHECK(run.texts().at(0) == "SAY WHAT YOU HAVE");
  CHECK(run.texts().at(1).starts_with("system: You are Mira.\nuser: Find a berth.\nassistant: "));
  run.model_says("  Three thoughts.  ");
  const auto v = run.view();
  CHECK(v.status == run_status::max_steps_reached);
  CHECK(v.steps.size() == 3);
  CHECK(v.output == "Three thoughts.");
  CHECK(run.last<fact::max_steps>().step == step_index{3});
  CHECK(run.last<fact::max_steps>().summary == "Three thoughts.");
}

TEST_CASE("AGT-14 after a reasoning step the request ends with a user message", "[domain][run]") {
  run_driver run;
  run.model_says("Let me think.");
  CHECK(run.request().context.back()->from == role::user);
  CHECK(run.texts().back() == "GO ON");
  run.model_says("");  // an empty reply is a reasoning step too
  CHECK(run.view().steps.at(1).content == "");
}

TEST_CASE("AGT-15 tiers: frontier plans, mid acts", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search")});
  run.tool_returns(0, "a");
  run.model_says("Thinking.");
  run.model_says("[ASK_USER] Where?");
  run.user_says("Here.");
  run.model_says("[FINAL] x");
  CHECK(tiers_of(run) == texts{"frontier", "mid", "frontier", "mid"});

  auto options = driver_options{};
  options.force_frontier = true;
  auto forced = run_driver{options};
  forced.model_calls({wants("search")});
  forced.tool_returns(0, "a");
  forced.model_says("[FINAL] x");
  CHECK(tiers_of(forced) == texts{"frontier", "frontier"});
}

TEST_CASE("AGT-18 a decisive persona asks once", "[domain][run]") {
  auto run = run_driver{questions(1)};
  run.model_says("[ASK_USER] Where?");
  run.user_says("Here.");
  run.model_says("[ASK_USER] When?");
  run.model_says("[FINAL] x");
  CHECK(run.count("asking_user") == 1);
  CHECK(step_types(run) == texts{"ask_user", "ask_user", "final"});
  CHECK(run.view().steps.at(0).user_answer == "Here.");
  CHECK(run.view().steps[1].question == "When?");
  CHECK_FALSE(run.view().steps[1].user_answer);
}

TEST_CASE("AGT-19 two different questions are asked, the same one only once", "[domain][run]") {
  run_driver two;
  two.model_says("[ASK_USER] Where?");
  two.user_says("Here.");
  two.model_says("[ASK_USER] When?");
  CHECK(two.count("asking_user") == 2);

  run_driver same;
  same.model_says("[ASK_USER] Where?");
  same.user_says("Here.");
  same.model_says("[ASK_USER]  WHERE ?");
  CHECK(same.count("asking_user") == 1);
  CHECK(same.view().steps.size() == 2);
  CHECK(same.texts().back() == "NO ANSWER");
}

TEST_CASE("AGT-20 a question comes with three options", "[domain][run]") {
  run_driver run;
  run.model_says("[ASK_USER] Where?");
  const auto asked = run.last<fact::asking_user>();
  CHECK(asked.options == texts{"Yes", "No", "Let me explain"});
  CHECK(asked.question == "Where?");
  CHECK(asked.question_id == "q_0");
}

TEST_CASE("AGT-21 a call that was cut off is not carried out", "[domain][run]") {
  run_driver run;
  auto cut = wants("write");
  cut.truncated = true;
  run.model_calls({cut});
  CHECK(run.open_tools.empty());
  CHECK(run.count("tool_started") == 0);
  CHECK(run.last<fact::tool_result>().is_error);
  CHECK(run.last<fact::tool_result>().content == "the call of write was cut");
  run.model_says("[FINAL] x");
  CHECK(run.view().status == run_status::completed);
}

TEST_CASE("AGT-22 narration stays with its calls, results follow in a row", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "a"), wants("note", "b")}, "First I look, then I note.");
  run.tool_returns(1, "noted");
  run.tool_returns(0, "found");
  const auto& context = run.request().context;
  REQUIRE(context.size() == 5);
  CHECK(context[2]->from == role::assistant);
  CHECK(context[2]->content.view() == "First I look, then I note.");
  CHECK(context[2]->calls.size() == 2);
  CHECK(context[3]->from == role::tool);
  CHECK(context[3]->call_id == "a");
  CHECK(context[3]->content.view() == "found");
  CHECK(context[4]->call_id == "b");
  // Narration, results, and 13 for the arguments of each call; schemas; 4 a message and for tools.
  CHECK(run.reservations.back().request.prompt_tokens
        == rendered_size(run.state) + 2 * 13 + 100 + 4 * 6);
}

TEST_CASE("AGT-23 fifteen steps of long results: the middle is folded on the way",
          "[domain][run]") {
  auto options = driver_options{};
  for (auto& tier : options.tiers.tiers)
    tier.members[0].context_window = 1'000 + 100 + 12'000;  // a budget of 12,000 for the prompt
  auto run = run_driver{options};
  auto folds = 0;
  for (auto step = 0; step < 15; ++step) {
    if (run.request().kind == call_kind::compaction) {
      CHECK(run.request().tier == "small");
      run.model_says("a summary");
      ++folds;
    }
    REQUIRE(run.request().kind == call_kind::step);
    run.model_calls({wants("search")});
    run.tool_returns(0, times(2'000, "r"));
    CHECK(rendered_size(run.state) <= 12'000);
  }
  if (run.request().kind == call_kind::compaction)
    run.model_says("a summary");
  run.model_says("[FINAL] done");
  CHECK(folds > 1);
  CHECK(run.view().steps.size() == 16);
  CHECK(run.view().status == run_status::completed);
}

TEST_CASE("AGT-24 a failing model ends the run with error and its steps", "[domain][run]") {
  run_driver run;
  for (auto i = 0; i < 2; ++i) {
    run.model_calls({wants("search")});
    run.tool_returns(0, "a");
  }
  auto error = model_error{};
  error.status = 400;
  error.detail = "no such parameter";
  run.model_fails(error);
  const auto v = run.view();
  CHECK(v.status == run_status::error);
  CHECK(v.steps.size() == 2);
  CHECK(v.error_kind == "provider_error");
  CHECK(v.error.starts_with("provider_error: "));
  CHECK(run.last<fact::error>().step == step_index{2});
  CHECK(run.events().at(run.events().size() - 2) == "error");
}

TEST_CASE("AGT-26 three calls, the second fails: three results in call order", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "a"), wants("search", "b"), wants("search", "c")});
  REQUIRE(run.open_tools.size() == 3);
  run.tool_returns(2, "third");
  run.tool_returns(0, "first");
  run.tool_returns(1, "broken", true);
  const auto step = run.view().steps.at(0);
  REQUIRE(step.results.size() == 3);
  CHECK(step.results[0].content == "first");
  CHECK(step.results[1].is_error);
  CHECK(step.results[2].content == "third");
  CHECK(run.open_call);
}

TEST_CASE("AGT-27 no steps allowed: one partial-result call", "[domain][run]") {
  auto run = run_driver{steps(0)};
  CHECK(run.request().kind == call_kind::partial_result);
  run.model_says("Nothing was done.");
  CHECK(run.events() == texts{"started", "max_steps", "finished"});
  CHECK(run.last<fact::max_steps>().step == step_index{0});
  CHECK(run.last<fact::finished>().steps == step_index{0});
  CHECK(run.view().status == run_status::max_steps_reached);
  CHECK(run.sent.size() == 1);
}

}  // namespace
}  // namespace persona_runtime
