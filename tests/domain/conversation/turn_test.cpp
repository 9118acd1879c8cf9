// One conversation turn (spec runtime §6) on the rules alone.

#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

using texts = std::vector<std::string>;

turn_driver turn_with(std::string text, autonomy level = autonomy::decisive,
                      conversation talk = {}) {
  auto options = turn_options{};
  options.text = std::move(text);
  options.who.decides = level;
  options.talk = std::move(talk);
  return turn_driver{std::move(options)};
}

conversation talk_of(std::size_t pairs) {
  auto c = conversation{};
  for (auto i = std::size_t{0}; i < pairs; ++i) {
    c.messages.push_back(said(role::user, "ask " + std::to_string(i)));
    c.messages.push_back(said(role::assistant, "answer " + std::to_string(i)));
  }
  return c;
}

std::size_t index_of(const texts& all, const std::string& one) {
  return static_cast<std::size_t>(std::ranges::find(all, one) - all.begin());
}

model_error error_of(model_error_class kind, bool begun = false) {
  auto e = model_error{};
  e.kind = kind;
  e.output_begun = begun;
  return e;
}

}  // namespace

TEST_CASE("TURN-01 one text round: the answer is kept, the last event ends the stream",
          "[domain][conversation]") {
  auto t = turn_driver{};
  CHECK(t.state.tier == "frontier");  // the first turn
  t.model_says("Three are free.");
  CHECK(t.is_over());
  CHECK(t.state.status == message_status::complete);
  CHECK(t.answer() == "Three are free.");
  CHECK(t.events() == after_recall({"chunk", "done", "finished"}));
  const auto end = end_of(t.state, t.now);
  CHECK(end.content.view() == "Three are free.");
  CHECK(end.tier == "frontier");
  const auto log = t.log();
  CHECK(log.turn_index == 0);
  CHECK(log.tier_used == "frontier");
  CHECK(log.model_name == "frontier-model");
  CHECK(log.prompt_tokens == 10);
  CHECK(log.completion_tokens == 5);
}

TEST_CASE("TURN-02 pieces are shown in order and make up the answer", "[domain][conversation]") {
  auto t = turn_driver{};
  for (const auto* piece : {"Th", "ree ", "are ", "fr"})
    t.model_streams(piece);
  t.model_says("Three are free.");
  CHECK(t.chunks() == texts{"Th", "ree ", "are ", "fr", "ee."});
  CHECK(t.state.visible == "Three are free.");
}

TEST_CASE("pieces that were shown, that have a gap, or that belong to another call are passed over",
          "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_streams("one");
  t.tell(text_arrived{current(t.state), 0, "one"});
  t.tell(text_arrived{current(t.state), 7, "gap"});
  auto other = current(t.state);
  ++other.attempt.value;
  t.tell(text_arrived{other, 3, " late"});
  CHECK(t.chunks() == texts{"one"});
  t.model_says("one two");
  CHECK(t.chunks() == texts{"one", " two"});
}

TEST_CASE("TURN-03 a tool round, then text", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search")}, "I look.");
  CHECK(t.open_tools.size() == 1);
  t.tool_returns(0, "berth 4");
  CHECK(t.sent.size() == 2);
  t.model_says("Berth 4 is free.");
  CHECK(t.answer() == "Berth 4 is free.");
  CHECK(t.log().tool_calls == 1);
  CHECK(t.log().prompt_tokens == 20);  // D-11: every call counts
  CHECK(t.events()
        == after_recall({"chunk", "tool_calling", "activity_start", "activity_end", "tool_result",
                         "chunk", "done", "finished"}));
}

TEST_CASE("TURN-04 an unknown tool is an error result", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("teleport")});
  CHECK(t.open_tools.empty());
  CHECK(t.last<fact::tool_result>().is_error);
  CHECK(t.last<fact::tool_result>().content.find("teleport") != std::string::npos);
  CHECK(t.sent.size() == 2);
  t.model_says("I cannot.");
  CHECK(t.state.status == message_status::complete);
  CHECK(t.log().tool_calls == 1);
}

TEST_CASE("ACT-04 a call that is not allowed shows a start, an end and a result",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.who.tools = {"lookup"};
  auto t = turn_driver{options};
  t.model_calls({wants("teleport")});
  const auto ended = t.last<turn_fact::activity_ended>().what;
  CHECK(ended.status == activity_status::error);
  CHECK(ended.result_summary.starts_with("ToolNotAllowedError: tool not allowed [called=teleport"));
  CHECK(t.count("activity_start") == 1);
  CHECK(t.count("activity_end") == 1);
}

TEST_CASE("TURN-05 two rounds of tools at most, four calls in all", "[domain][conversation]") {
  auto options = turn_options{};
  options.rounds_max = 2;
  auto t = turn_driver{options};
  for (auto round = 0; round < 2; ++round) {
    t.model_calls({wants("search")});
    t.tool_returns(0, "found");
  }
  t.model_calls({wants("search")});
  CHECK(t.open_tools.empty());
  CHECK(t.prompt().back() == "user: NO MORE TOOLS");
  CHECK_FALSE(t.request().may_call);  // D-29
  REQUIRE(t.request().tools != nullptr);
  t.model_says("That is it.");
  CHECK(t.sent.size() == 4);
  CHECK(t.log().tool_calls == 2);
  CHECK(t.answer() == "That is it.");
  CHECK(t.count("thinking") == 3);  // the forced round shows none
}

TEST_CASE("TURN-06 a cap of one means one dispatch", "[domain][conversation]") {
  auto options = turn_options{};
  options.rounds_max = 1;
  auto t = turn_driver{options};
  t.model_calls({wants("search")});
  t.tool_returns(0, "found");
  t.model_calls({wants("search")});
  t.model_calls({wants("search")}, "Enough.");  // what the forced round calls is ignored
  CHECK(t.is_over());
  CHECK(t.log().tool_calls == 1);
  CHECK(t.answer() == "Enough.");
}

TEST_CASE("TURN-07 rounds are counted, not calls", "[domain][conversation]") {
  auto options = turn_options{};
  options.rounds_max = 1;
  auto t = turn_driver{options};
  t.model_calls({wants("search", "a"), wants("note", "b")});
  CHECK(t.open_tools.size() == 2);  // D-8: side by side
  t.tool_returns(1, "noted");
  t.tool_returns(0, "found");
  t.model_says("Done.");
  CHECK(t.log().tool_calls == 2);
  CHECK(t.state.status == message_status::complete);
}

TEST_CASE("TURN-10 the call stands before its result in the next prompt",
          "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search", "c1", R"({"q":"x"})")}, "I look.");
  t.tool_returns(0, "berth 4");
  const auto& context = t.request().context;
  REQUIRE(context.size() == 4);
  CHECK(context[2]->from == role::assistant);
  CHECK(context[2]->calls == std::vector{wants("search", "c1", R"({"q":"x"})")});
  CHECK(context[3]->from == role::tool);
  CHECK(context[3]->call_id == "c1");
  CHECK(context[3]->content.view() == "berth 4");
}

TEST_CASE("results stand in call order, whatever the order of completion",
          "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search", "a"), wants("note", "b")});
  t.tool_returns(1, "second");
  t.tool_returns(0, "first");
  CHECK(t.prompt().at(2) == "tool: first");
  CHECK(t.prompt().at(3) == "tool: second");
}

TEST_CASE("TURN-12 a call that was cut off is not carried out and shows no activity",
          "[domain][conversation]") {
  auto t = turn_driver{};
  auto cut = wants("search");
  cut.truncated = true;
  t.model_calls({cut});
  CHECK(t.open_tools.empty());
  CHECK(t.count("activity_start") == 0);
  CHECK(t.last<fact::tool_result>().is_error);
  CHECK(t.last<fact::tool_result>().content.find("cut off") != std::string::npos);
}

TEST_CASE("TURN-13 narration is kept when the round after it says nothing",
          "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search")}, "I look it up.");
  t.tool_returns(0, "found");
  t.model_says("");
  CHECK(t.state.status == message_status::complete);
  CHECK(t.answer() == "I look it up.");
}

TEST_CASE("TURN-14 narration is kept at the cap, too", "[domain][conversation]") {
  auto options = turn_options{};
  options.rounds_max = 1;
  auto t = turn_driver{options};
  t.model_calls({wants("search")}, "I look it up. ");
  t.tool_returns(0, "found");
  t.model_calls({wants("search")});
  t.model_says(" \n");
  CHECK(t.answer() == "I look it up.");
}

TEST_CASE("TURN-15 nothing said at all is kept as nothing", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search")});
  t.tool_returns(0, "found");
  t.model_says("");
  CHECK(t.state.status == message_status::complete);
  CHECK(t.answer().empty());
}

TEST_CASE("TURN-16 only the last round's text is the answer", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search")}, "I look it up.");
  t.tool_returns(0, "found");
  t.model_says("Berth 4.");
  CHECK(t.answer() == "Berth 4.");
  CHECK(t.state.visible == "I look it up.Berth 4.");
}

TEST_CASE("TURN-17 a cautious persona asks about a vague request", "[domain][conversation]") {
  auto t = turn_with("fix this", autonomy::cautious);
  CHECK(t.is_over());
  CHECK(t.sent.empty());
  CHECK(t.events() == texts{"asking_user", "chunk", "done", "finished"});
  CHECK(t.state.question);
  CHECK(end_of(t.state, t.now).question);
  CHECK(t.answer() == t.last<turn_fact::asking>().form.question);
  CHECK(t.last<turn_fact::asking>().form.allow_free_form);
  CHECK_FALSE(log_of(t.state, *t.rules.tiers, t.now));
}

TEST_CASE("TURN-18 a decisive persona asks about dangers only", "[domain][conversation]") {
  CHECK_FALSE(turn_with("fix this").state.question);
  CHECK(turn_with("delete everything").state.question);
}

TEST_CASE("TURN-19 a balanced persona assumes, and the prompt says so behind the message",
          "[domain][conversation]") {
  auto t = turn_with("fix this", autonomy::balanced);
  CHECK_FALSE(t.is_over());
  CHECK(t.sent.size() == 1);
  CHECK(t.prompt() == texts{"user: fix this", "user: ASSUME referent"});
}

TEST_CASE("TURN-20 an answer to a question is not asked about again", "[domain][conversation]") {
  auto talk = conversation{};
  talk.messages = {said(role::user, "send it"), asked("To whom?")};
  auto t = turn_with("delete everything", autonomy::cautious, talk);
  CHECK_FALSE(t.state.question);
  CHECK(t.sent.size() == 1);
}

TEST_CASE("TURN-21 a question is asked once in a conversation", "[domain][conversation]") {
  auto first = turn_with("delete everything");
  REQUIRE(first.state.question);
  auto talk = talk_of(1);
  talk.messages.insert(talk.messages.begin() + 1, asked(first.answer()));
  auto t = turn_with("delete everything", autonomy::cautious, talk);
  CHECK_FALSE(t.state.question);
  CHECK(t.prompt().back() == "user: delete everything");  // no nudge either
}

TEST_CASE("TURN-23 memories are shown before the tier is chosen, none for a question",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.memory.self_facts.resize(2);
  auto t = turn_driver{options};
  const auto kinds = t.kinds();
  CHECK(index_of(kinds, "memory_recall") < index_of(kinds, "tier"));
  CHECK(index_of(kinds, "tier") < index_of(kinds, "thinking"));
  CHECK(t.count("memory_recall") == 4);
  CHECK(turn_with("delete everything").count("memory_recall") == 0);
}

TEST_CASE("a memory that is missing is named, and the turn goes on", "[domain][conversation]") {
  auto options = turn_options{};
  options.memory.missing = {memory_store_kind::episodic};
  options.memory.degraded = true;
  auto t = turn_driver{options};
  auto reasons = texts{};
  for (const auto& r : t.records) {
    if (const auto* recall = std::get_if<turn_fact::memory_recall>(&r))
      reasons.push_back(recall->degraded);
  }
  CHECK(reasons == texts{"", "words_only", "words_only", "unavailable"});
  CHECK(t.sent.size() == 1);
}

TEST_CASE("TURN-24 a refusal is noted, and sent back only when that is armed",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.tools.push_back(options.tools.front());
  options.tools.back().name = "web_search";
  auto t = turn_driver{options};
  t.model_says("I can't browse the web.");
  CHECK(t.is_over());
  CHECK(t.sent.size() == 1);
  CHECK(t.log().tool_refusal_detected == texts{"web_search"});
  CHECK_FALSE(t.log().refusal_retry_engaged);
}

TEST_CASE("TURN-25 an armed refusal is sent back once", "[domain][conversation]") {
  auto options = turn_options{};
  options.retries_refusals = true;
  options.tools.push_back(options.tools.front());
  options.tools.back().name = "web_search";
  auto t = turn_driver{options};
  t.model_says("I can't browse the web.");
  REQUIRE(t.sent.size() == 2);
  CHECK(t.prompt().back() == "user: USE web_search");
  CHECK(t.prompt().at(t.prompt().size() - 2) == "assistant: I can't browse the web.");
  SECTION("and answered") {
    t.model_says("Here you are.");
    CHECK(t.answer() == "Here you are.");
    CHECK(t.log().refusal_retry_engaged);
  }
  SECTION("and refused again") {
    t.model_says("I can't browse the web, really.");
    CHECK(t.is_over());
    CHECK(t.sent.size() == 2);
    CHECK(t.answer() == "I can't browse the web, really.");
  }
  SECTION("and met with silence") {
    t.model_says("");
    CHECK(t.answer() == "I can't browse the web.");
  }
  SECTION("and then the tool is called") {
    t.model_calls({wants("web_search")});
    CHECK(t.open_tools.size() == 1);
    t.tool_returns(0, "found");
    t.model_says("Found.");
    CHECK(t.answer() == "Found.");
    CHECK(t.sent.size() == 3);
  }
}

TEST_CASE("TURN-26 nothing is sent back without a refusal", "[domain][conversation]") {
  auto options = turn_options{};
  options.retries_refusals = true;
  auto t = turn_driver{options};
  t.model_says("Three.");
  CHECK(t.sent.size() == 1);
}

TEST_CASE("TURN-27 images go with the user's message, behind its text", "[domain][conversation]") {
  auto options = turn_options{};
  for (auto& tier : options.tiers.tiers)
    tier.members.front().vision = true;
  options.images = {{"a.png", image_type::png, shared_text{"bytes"}}};
  auto t = turn_driver{options};
  const auto user = t.request().context.back();
  CHECK(user->content.view() == options.text);
  CHECK(user->images == options.images);
}

TEST_CASE("an image that no tier takes is refused before anything is written",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.images = {{"a.png", image_type::png, {}}};
  const auto t = turn_driver{options};
  CHECK(check_turn(*t.frame, t.rules).error().code == errc::validation_error);
  CHECK(check_turn(*turn_driver{}.frame, t.rules).has_value());
  auto none = turn_options{};
  none.tiers.tiers.clear();
  none.recalls = false;
  const auto empty = turn_driver{none};
  CHECK(check_turn(*empty.frame, empty.rules).error().code == errc::model_unavailable);
}

TEST_CASE("TURN-29 a model that fails ends the turn; what was read stays (D-25)",
          "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_streams("Three are ");
  auto plan = retry_plan{};
  plan.to = "lab/frontier-model";
  t.model_fails(error_of(model_error_class::backend_timeout, true), plan);  // D-28: not tried again
  CHECK(t.state.status == message_status::error);
  CHECK(t.answer() == "Three are ");
  CHECK(t.events() == after_recall({"chunk", "error", "finished"}));
  CHECK(t.last<turn_fact::failed>().kind == "provider_unavailable");
}

TEST_CASE("a call that failed before anything was shown is made again as the tier says",
          "[domain][conversation]") {
  auto t = turn_driver{};
  auto plan = retry_plan{};
  plan.walk.retried = true;
  plan.delay = std::chrono::milliseconds{40};
  t.model_fails(error_of(model_error_class::backend_timeout), plan);
  REQUIRE(t.open_call);
  CHECK(t.open_call->what->delay == plan.delay);
  CHECK(t.open_call->call.attempt.value == 1);
  t.model_says("Here.");
  CHECK(t.answer() == "Here.");
  CHECK(t.count("thinking") == 1);
}

TEST_CASE("TURN-30 the persona's own tier is used without routing", "[domain][conversation]") {
  auto options = turn_options{};
  options.who.routing.for_generation = tier_wish::small;
  auto t = turn_driver{options};
  t.model_says("Yes.");
  CHECK(t.request().tier == "small");
  REQUIRE(t.log().routing);
  CHECK(t.log().routing->candidates_considered == texts{"small"});
  CHECK(t.log().routing->rationale.find("small") != std::string::npos);
}

TEST_CASE("TURN-36 no tool rounds at all: the first calls are not carried out",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.rounds_max = 0;
  auto t = turn_driver{options};
  t.model_calls({wants("search")});
  CHECK(t.open_tools.empty());
  t.model_says("Without tools: three.");
  CHECK(t.sent.size() == 2);
  CHECK(t.answer() == "Without tools: three.");
  CHECK(t.log().tool_calls == 0);
}

TEST_CASE("calls with the same id are told apart and renamed", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search", "x"), wants("search", "x"), wants("note", "")});
  const auto calls = t.last<fact::tool_calling>().calls;
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].call_id == "x");
  CHECK(calls[1].call_id != calls[0].call_id);
  CHECK_FALSE(calls[2].call_id.empty());
  for (auto i = 0u; i < 3; ++i)
    t.tool_returns(i, "ok " + std::to_string(i));
  CHECK(t.request().context.back()->call_id == calls[2].call_id);
}

TEST_CASE("at most so many calls of one reply are carried out", "[domain][conversation]") {
  auto t = turn_driver{};
  t.rules.calls_max = 2;
  t.model_calls({wants("search", "a"), wants("search", "b"), wants("search", "c")});
  CHECK(t.open_tools.size() == 2);
  CHECK(t.last<fact::tool_result>().content == "AT MOST 2");
}

TEST_CASE("an exclusive tool runs alone", "[domain][conversation]") {
  auto t = turn_driver{};
  t.model_calls({wants("search", "a"), wants("solo", "b"), wants("search", "c")});
  REQUIRE(t.open_tools.size() == 1);
  t.tool_returns(0, "one");
  REQUIRE(t.open_tools.size() == 1);
  CHECK(t.open_tools[0].what.name == "solo");
  t.tool_returns(1, "two");
  REQUIRE(t.open_tools.size() == 1);
  CHECK(t.open_tools[0].index.value == 2);
}

TEST_CASE("HIST-11 the prompt holds the summary, the messages behind it, and the user's",
          "[domain][conversation]") {
  auto talk = talk_of(6);
  talk.compacted_up_to = 7;
  talk.compacted_summary = "They met.";
  auto t = turn_with("And now?", autonomy::decisive, talk);
  const auto prompt = t.prompt();
  REQUIRE(prompt.size() == 7);
  CHECK(prompt.front() == "system: BEFORE: They met.");
  CHECK(prompt[1] == "assistant: answer 3");
  CHECK(prompt[5] == "assistant: answer 5");
  CHECK(prompt.back() == "user: And now?");
  t.model_says("Fine.");
  CHECK(t.log().history_compacted);
  CHECK(t.log().turn_index == 12);
}

TEST_CASE("RETR-03 memory is asked with the length of the conversation", "[domain][conversation]") {
  auto options = turn_options{};
  options.talk = talk_of(2);
  options.recalls = false;
  auto t = turn_driver{options};
  REQUIRE(t.open_recall);
  CHECK(t.open_recall->what.history_turns == 4);
  CHECK(t.open_recall->what.text == options.text);
  CHECK(t.open_recall->what.scope == talk_scope({"persona_1"}, {"alice"}, ""));
}

TEST_CASE("a first message that came to nothing is repeated as a first one (D-25)",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.recalls = false;
  auto t = turn_driver{options, 2};  // two messages, neither of which counts as history
  CHECK(t.open_recall.value().what.history_turns == 0);
  t.recall();
  CHECK(t.state.desk.routing.value().rationale == "first_turn → frontier");
  t.model_says("Four are free.");
  CHECK(t.log().turn_index == 2);
}

TEST_CASE("messages that are folded count as history", "[domain][conversation]") {
  auto options = turn_options{};
  options.talk = talk_of(1);
  options.talk.compacted_summary = "They spoke of berths.";
  options.recalls = false;
  const auto t = turn_driver{options, 12};
  CHECK(t.open_recall.value().what.history_turns == 12);
}

TEST_CASE("what was learned of autonomy goes before the document", "[domain][conversation]") {
  auto options = turn_options{};
  options.text = "fix this";
  options.learned = learned_autonomy{"cautious"};
  CHECK(turn_driver{options}.state.question);
  options.learned = learned_autonomy{"reckless"};
  auto t = turn_driver{options};
  CHECK(t.state.status == message_status::error);
  CHECK(t.last<turn_fact::failed>().kind == "autonomy_invalid");
}

TEST_CASE("TASK-01 a message that asks for a task is pointed out, and nothing is started",
          "[domain][conversation]") {
  auto options = turn_options{};
  options.who.tools = {"web_search"};
  options.text = "search the web for ferry times in April";
  auto t = turn_driver{options};
  CHECK(t.events().front() == "task_detected");
  CHECK(t.last<turn_fact::task_detected>().what.capability == "web_search");
  CHECK(t.sent.size() == 1);
}
