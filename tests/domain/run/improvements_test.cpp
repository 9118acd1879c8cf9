// What we do better than the reference: FIX lines of spec runtime §22.7 and the rows of the table
// of deviations.

#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>
#include <cmath>

namespace persona_runtime {
namespace {

using test::driver_options;
using test::run_driver;
using test::times;
using test::wants;
using texts = std::vector<std::string>;

template <class Effect>
std::size_t count_of(const run_driver& run) {
  return static_cast<std::size_t>(std::ranges::count_if(
    run.effects, [](const effect& e) { return std::holds_alternative<Effect>(e); }));
}

retry_plan plan(std::uint32_t member, bool fell_over, std::string to) {
  return {{member, false, 0, 0}, std::chrono::milliseconds{0}, fell_over, std::move(to)};
}

driver_options two_members() {
  auto o = driver_options{};
  o.tiers.tiers[0].members.push_back(test::lab_model("second-model"));
  return o;
}

TEST_CASE("FIX-01 D-1 a cancel ends a model call; what comes later is dropped", "[domain][run]") {
  run_driver run;
  const auto call = run.open_call->call;
  run.cancel("changed my mind");
  CHECK(run.events() == texts{"started", "thinking", "cancelled", "finished"});
  CHECK(run.last<fact::cancelled>().reason == "changed my mind");
  CHECK(count_of<cancel_calls>(run) == 1);
  const auto before = run.records.size();
  run.tell(model_replied{call, {}, "lab/x", 0.0});
  CHECK(run.records.size() == before);
}

TEST_CASE("FIX-01 D-11 a call that a cancel cuts off counts its prompt, as an estimate",
          "[domain][run]") {
  run_driver run;
  const auto prompt = run.reservations.at(0).request.prompt_tokens;
  run.cancel();
  const auto usage = run.view().usage;
  CHECK(usage.model_calls == 1);
  CHECK(usage.prompt_tokens == prompt);
  CHECK(usage.completion_tokens == 0);
  CHECK(usage.estimated);
  CHECK(usage.cost_cents == static_cast<double>(prompt) / 1000.0);  // one cent per 1,000
  CHECK(run.view().by_model.at("lab/frontier-model").prompt_tokens == prompt);

  run_driver idle;  // nothing is in flight while a question is open
  idle.model_says("[ASK_USER] Where?");
  idle.cancel();
  CHECK(idle.view().usage.model_calls == 1);
  CHECK_FALSE(idle.view().usage.estimated);

  auto options = driver_options{};
  options.tiers.tiers[0].members[0].price.reset();
  auto unknown = run_driver{options};
  unknown.cancel();
  CHECK_FALSE(unknown.view().usage.cost_cents);
}

TEST_CASE("D-1 a cancel ends a tool call, a summary and a question; the step is not recorded",
          "[domain][run]") {
  run_driver tool;
  tool.model_calls({wants("write")});
  tool.cancel();
  CHECK(tool.view().steps.empty());
  CHECK(tool.count("tool_calling") == 1);  // its events stay
  CHECK(tool.view().status == run_status::cancelled);

  auto options = driver_options{};
  options.limits.max_steps = 0;
  auto summary = run_driver{options};
  summary.cancel();
  CHECK(summary.view().status == run_status::cancelled);
  CHECK_FALSE(summary.view().output);
}

TEST_CASE("FIX-02 a question: a cancel ends it, its time runs out", "[domain][run]") {
  run_driver cancelled;
  cancelled.model_says("[ASK_USER] Where?");
  cancelled.cancel();
  CHECK(cancelled.view().status == run_status::cancelled);

  run_driver late;
  late.model_says("[ASK_USER] Where?");
  late.tell(question_timed_out{current(late.state)});
  CHECK(late.texts().back() == "NO ANSWER");
  CHECK(late.count("user_responded") == 0);
  CHECK(late.state.status == run_status::running);
}

TEST_CASE("FIX-03 D-10 killed after three steps: they are all there, and the run goes on",
          "[domain][run]") {
  run_driver before;
  for (auto i = 0; i < 3; ++i) {
    before.model_calls({wants("search")});
    before.tool_returns(0, "berth " + std::to_string(i));
  }
  auto after = run_driver{driver_options{}, before.records, resume_reason::restart};
  CHECK(after.last<fact::resumed>().from_step == step_index{3});
  CHECK(after.last<fact::resumed>().reason == resume_reason::restart);
  CHECK(after.last<fact::resumed>().life == incarnation{1});
  REQUIRE(after.view().steps.size() == 3);
  CHECK(after.view().steps[2].results.at(0).content == "berth 2");
  CHECK(after.texts() == before.texts());
  after.model_says("[FINAL] x");
  CHECK(after.view().steps.size() == 4);
}

TEST_CASE("FIX-04 D-2 a backend error at step k: k steps, error, finished", "[domain][run]") {
  for (auto k = 0u; k < 3; ++k) {
    run_driver run;
    for (auto i = 0u; i < k; ++i) {
      run.model_calls({wants("search")});
      run.tool_returns(0, "a");
    }
    auto error = model_error{};
    error.kind = model_error_class::authentication;
    error.status = 401;
    run.model_fails(error);
    CHECK(run.view().status == run_status::error);
    CHECK(run.view().steps.size() == k);
    CHECK(run.last<fact::error>().step == step_index{k});
    CHECK(run.last<fact::error>().kind == "provider_auth_failed");
    CHECK(run.kinds().back() == "finished");
  }
}

TEST_CASE("FIX-05 D-8 independent calls run side by side, results in call order", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "a"), wants("search", "b")});
  CHECK(run.open_tools.size() == 2);  // both before either has answered
  run.tool_returns(1, "second");
  CHECK(run.last<fact::tool_result>().call_id == "b");  // as they complete
  run.tool_returns(0, "first");
  CHECK(run.view().steps.at(0).results.at(0).content == "first");
}

TEST_CASE("D-8 at most eight calls run at once, the others follow in order", "[domain][run]") {
  run_driver run;
  auto calls = std::vector<tool_call>{};
  for (auto i = 0; i < 10; ++i)
    calls.push_back(wants("search", "c" + std::to_string(i)));
  run.model_calls(calls);
  CHECK(run.open_tools.size() == 8);
  run.tool_returns(3, "x");
  CHECK(run.open_tools.size() == 8);
  CHECK(run.open_tools.back().index == call_index{8});
  run.tool_returns(0, "x");
  CHECK(run.open_tools.back().index == call_index{9});
}

TEST_CASE("D-8 an exclusive tool runs alone, and nothing overtakes it", "[domain][run]") {
  run_driver run;
  run.model_calls({wants("search", "a"), wants("solo", "b"), wants("search", "c")});
  CHECK(run.open_tools.size() == 1);
  run.tool_returns(0, "x");
  REQUIRE(run.open_tools.size() == 1);
  CHECK(run.open_tools[0].what.name == "solo");
  run.tool_returns(1, "x");
  REQUIRE(run.open_tools.size() == 1);
  CHECK(run.open_tools[0].index == call_index{2});
}

TEST_CASE("FIX-07 D-4 a line-initial final marker outranks a question", "[domain][run]") {
  run_driver run;
  run.model_says("[FINAL] Done. Anything else?");
  CHECK(run.view().output == "Done. Anything else?");
}

TEST_CASE("D-4 the last line-initial marker counts, and marks around it go", "[domain][run]") {
  const auto output_of = [](const std::string& text) {
    run_driver run;
    run.model_says(text);
    return run.view().output;
  };
  CHECK(output_of("**[FINAL]** berth 4") == "berth 4");
  CHECK(output_of("A plan.\n[FINAL] first\n[FINAL] second") == "second");
  CHECK(output_of("[ASK_USER] what?\n[FINAL] berth 4") == "berth 4");
  CHECK(output_of("The result\n[FINAL]") == "The result");
  CHECK(output_of("[FINAL]") == "");
  run_driver inside;
  inside.model_says("I will write [FINAL] when I am done.");
  CHECK(inside.count("reasoning") == 1);
}

TEST_CASE("FIX-08 D-5 a marker alone asks the generic question", "[domain][run]") {
  run_driver run;
  run.model_says("[ASK_USER]");
  CHECK(run.last<fact::asking_user>().question == "What should I know?");
  run.user_says("");  // an empty answer is an answer
  CHECK(run.view().steps.at(0).user_answer == "");
  CHECK(run.count("user_responded") == 1);
}

TEST_CASE("FIX-12 an answer when nothing is asked is refused and kept for nobody",
          "[domain][run]") {
  run_driver run;
  run.user_says("Hello?");
  REQUIRE(count_of<answer_refused>(run) == 1);
  CHECK(std::get<answer_refused>(run.effects.back()).why.code == errc::not_awaiting_user);
  run.model_says("[ASK_USER] Where?");
  CHECK(run.state.status == run_status::awaiting_user);
  run.user_says("Elsewhere.", "q_9");  // another question's answer
  CHECK(count_of<answer_refused>(run) == 2);
  run.user_says("Here.", "q_0");
  CHECK(count_of<answer_taken>(run) == 1);
  run.model_says("[FINAL] x");
  run.user_says("Too late.");
  CHECK(count_of<answer_refused>(run) == 3);
}

TEST_CASE("D-6 the floor is the system message and the task; nudges are the user's",
          "[domain][run]") {
  run_driver run;
  REQUIRE(run.request().context.size() == 2);
  CHECK(run.request().context[0]->from == role::system);
  CHECK(run.request().context[1]->from == role::user);
  CHECK(run.texts().at(1) == "Find a berth.");
  run.model_says("Hm.");
  CHECK(run.request().context.back()->from == role::user);
}

TEST_CASE("D-7 the prompt's budget is the window less reply cap and schemas", "[domain][run]") {
  auto options = driver_options{};
  for (auto& tier : options.tiers.tiers)
    tier.members[0].context_window = 9'100;  // 9,100 - 1,000 - 100 = 8,000, so 6,400 is full
  auto run = run_driver{options};
  run.model_calls(
    {wants("search", "a"), wants("search", "b"), wants("search", "c"), wants("search", "d")});
  for (auto i = 0u; i < 4; ++i)
    run.tool_returns(i, times(1'000, "x"));
  CHECK(run.request().kind == call_kind::step);
  CHECK(rendered_size(run.state) < 6'400);
  run.model_calls({wants("search"), wants("search"), wants("search")});
  for (auto i = 0u; i < 3; ++i)
    run.tool_returns(i, times(900, "x"));
  CHECK(rendered_size(run.state) > 6'400);
  CHECK(run.request().kind == call_kind::compaction);

  auto unknown = driver_options{};
  for (auto& tier : unknown.tiers.tiers)
    tier.members[0].context_window.reset();
  auto small = run_driver{unknown};  // 4,096: 3,276 is full
  for (auto i = 0; i < 4; ++i) {
    CHECK(small.request().kind == call_kind::step);
    small.model_calls({wants("search")});
    small.tool_returns(0, times(900, "x"));
  }
  CHECK(small.request().kind == call_kind::compaction);
}

TEST_CASE("D-9 the run's own id stands in every event from the first on", "[domain][run]") {
  run_driver run;
  run.model_says("[FINAL] x");
  auto begin = std::size_t{0};
  const auto body = run.body();
  auto seen = 0;
  for (auto end = body.find('\n'); end != std::string::npos;
       begin = end + 1, end = body.find('\n', begin)) {
    const auto line = body.substr(begin, end - begin);
    if (!line.starts_with("{\"seq\":"))
      continue;
    ++seen;
    CHECK(line.find(R"("run_id":"run_1")") != std::string::npos);
  }
  CHECK(seen == 4);
}

TEST_CASE("D-11 usage is summed over every call, by model", "[domain][run]") {
  auto options = driver_options{};
  options.limits.max_steps = 2;
  auto run = run_driver{options};
  run.model_calls({wants("search")});  // frontier, 10 + 5
  run.tool_returns(0, "a");
  auto lost = model_error{};
  lost.kind = model_error_class::backend_timeout;
  run.model_fails(lost, retry_plan{{0, true, 0, 0}, {}, false, "lab/mid-model"});  // mid, nothing
  run.model_calls({wants("search")});                                              // mid
  run.tool_returns(0, "b");
  run.model_says("What I have.", {20, 6, false});  // frontier: the partial result
  const auto v = run.view();
  CHECK(v.usage.model_calls == 4);
  CHECK(v.usage.prompt_tokens == 40);
  CHECK(v.usage.completion_tokens == 16);
  REQUIRE(v.by_model.size() == 2);
  CHECK(v.by_model.at("lab/frontier-model").model_calls == 2);
  CHECK(v.by_model.at("lab/frontier-model").prompt_tokens == 30);
  CHECK(v.by_model.at("lab/mid-model").model_calls == 2);
  CHECK(std::abs(v.usage.cost_cents.value() - 0.072) < 1e-9);
  CHECK(run.state.spent.tokens == 56);
}

TEST_CASE("D-18 three reasoning steps: a stronger nudge; five: no_progress", "[domain][run]") {
  run_driver run;
  run.model_says("one.");
  run.model_says("two.");
  CHECK(run.texts().back() == "GO ON");
  run.model_says("three.");
  CHECK(run.texts().back() == "GO ON NOW");
  run.model_says("four.");
  run.model_says("five.");
  CHECK(run.view().status == run_status::error);
  CHECK(run.view().error_kind == "no_progress");
  CHECK(run.view().steps.size() == 5);
  CHECK(run.last<fact::error>().step == step_index{4});

  run_driver interrupted;  // a tool step begins the count anew
  for (auto i = 0; i < 4; ++i)
    interrupted.model_says("hm.");
  interrupted.model_calls({wants("search")});
  interrupted.tool_returns(0, "a");
  for (auto i = 0; i < 4; ++i)
    interrupted.model_says("hm.");
  CHECK_FALSE(interrupted.is_over());
}

TEST_CASE("D-19 a question that is not asked is shown with its reason", "[domain][run]") {
  auto options = driver_options{};
  options.setup.questions_max = 2;
  auto run = run_driver{options};
  run.model_says("[ASK_USER] Where?");
  run.user_says("Here.");
  run.model_says("[ASK_USER] where");
  CHECK(run.last<fact::question_suppressed>().reason == suppress_reason::repeated);
  CHECK(run.last<fact::question_suppressed>().question == "where");
  run.model_says("[ASK_USER] When?");
  run.user_says("Now.");
  run.model_says("[ASK_USER] Why?");
  CHECK(run.last<fact::question_suppressed>().reason == suppress_reason::cap);
  CHECK(run.state.status == run_status::running);
}

TEST_CASE("D-22 an empty list of tools allows none, a star allows every name", "[domain][run]") {
  auto none = driver_options{};
  none.setup.tools.clear();
  none.setup.allowed.clear();
  auto run = run_driver{none};
  CHECK(run.request().tools == nullptr);
  run.model_calls({wants("search")});
  CHECK(run.last<fact::tool_result>().content == "search is not there; there are ");
  CHECK(run.open_tools.empty());

  auto all = driver_options{};
  all.setup.allows_all = true;
  auto permissive = run_driver{all};
  permissive.model_calls({wants("unheard_of")});
  CHECK(permissive.last<fact::tool_result>().content == "unheard_of is not registered");
  permissive.model_calls({wants("unheard_of")});  // allowed, so it is no bad name
  CHECK(std::ranges::count(permissive.texts(), "NO SUCH TOOL") == 0);
}

TEST_CASE("D-27 an unknown price makes the cost unknown", "[domain][run]") {
  auto options = driver_options{};
  options.tiers.tiers[1].members[0].price.reset();
  auto run = run_driver{options};
  run.model_calls({wants("search")});
  CHECK(run.view().usage.cost_cents.has_value());
  run.tool_returns(0, "a");
  run.model_says("[FINAL] x");
  CHECK_FALSE(run.view().usage.cost_cents);
  CHECK(run.view().by_model.at("lab/frontier-model").cost_cents.has_value());
  CHECK(to_json(run.view(), false).find("\"cost_cents\":null") != std::string::npos);
}

TEST_CASE("a prompt that is too long goes to a member with a larger window", "[domain][run]") {
  auto options = driver_options{};
  for (auto& tier : options.tiers.tiers) {
    tier.members.push_back(tier.members.front());
    tier.members.front().context_window = tier.members.front().reply_tokens_max + 110;
    tier.members.back().model = "large-model";
  }
  options.task = std::string(200, 'x');
  const auto run = run_driver{std::move(options)};
  REQUIRE(run.open_call);
  CHECK(run.open_call->what->walk.member == 1);
}

TEST_CASE("members that are left alone are passed over, and nothing is written of it",
          "[domain][run]") {
  auto options = driver_options{};
  for (auto& tier : options.tiers.tiers) {
    tier.members.push_back(tier.members.front());
    tier.members.back().model = "second-model";
  }
  auto run = run_driver{std::move(options)};
  run.rules.is_up = [](std::string_view, std::uint32_t member) { return member == 1; };
  run.model_calls({wants("search")});
  run.tool_returns(0, "found");
  REQUIRE(run.open_call);
  CHECK(run.open_call->what->walk.member == 1);
  CHECK(run.open_call->what->owner.value == "alice");
}

TEST_CASE("D-28 a stream that breaks is void: the attempt is settled and made again",
          "[domain][run]") {
  run_driver run;
  auto broken = model_error{};
  broken.reason = "broken_stream";
  broken.output_begun = true;
  const auto first = run.open_call->call;
  run.model_fails(broken, plan(0, false, "lab/frontier-model"), {50, 0, true});
  REQUIRE(run.open_call);
  CHECK(run.open_call->call.attempt.value == first.attempt.value + 1);
  CHECK(run.open_call->call.step == first.step);
  CHECK(run.reservations.size() == 2);  // reserved again before it starts
  CHECK(run.count("thinking") == 1);
  run.model_says("[FINAL] x");
  CHECK(run.view().usage.prompt_tokens == 60);
  CHECK(run.view().usage.estimated);
  CHECK(run.view().usage.model_calls == 2);
}

TEST_CASE("usage counts the attempts that were sent, not those that were refused before",
          "[domain][run]") {
  auto run = run_driver{two_members()};
  const auto held = not_sent(model_error_class::rate_limit, "the key is used up");
  run.model_fails(held, plan(0, false, "lab/frontier-model"));  // under the same reservation
  run.model_fails(held, plan(1, true, "lab/second-model"));
  run.model_says("[FINAL] x");
  const auto usage = run.view().usage;
  CHECK(usage.model_calls == 1);
  CHECK(run.view().by_model.size() == 1);
  CHECK(run.count("fell_over") == 1);
}

TEST_CASE("D-12 a member that fails: the next one, with an event and a new reservation",
          "[domain][run]") {
  auto run = run_driver{two_members()};
  auto down = model_error{};
  down.status = 503;
  run.model_fails(down, plan(1, true, "lab/second-model"));
  const auto fell = run.last<fact::fell_over>();
  CHECK(fell.from == "lab/frontier-model");
  CHECK(fell.to == "lab/second-model");
  CHECK(fell.tier == "frontier");
  CHECK(fell.status == 503);
  CHECK(run.request().walk.member == 1);
  CHECK(run.reservations.size() == 2);
  CHECK(run.open_call->call.attempt == attempt_index{1});
  CHECK(run.last<fact::reserved>().model == "lab/second-model");
  run.model_calls({wants("search")});
  run.tool_returns(0, "x");
  CHECK(run.request().walk.member == 0);  // the next step begins with the first member
}

}  // namespace
}  // namespace persona_runtime
