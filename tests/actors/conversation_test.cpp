// Conversations with their actors, on virtual time.

#include "tests/support/chat_world.hpp"
#include "tests/support/fault_store.hpp"

#include <set>

namespace persona_runtime {
namespace {

using namespace test;
using testing::fault_store;
using texts = std::vector<std::string>;

texts after_recall(texts rest) {
  auto all = texts(4, "memory_recall");
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

model_result<model_reply> broken(bool begun = false) {
  auto e = error_with(model_error_class::provider_error, 400);
  e.output_begun = begun;
  return e;
}

TEST_CASE("TURN-01 a turn: two transactions, one log, the answer in the history",
          "[actors][conversation]") {
  chat_world w;
  const auto begun = w.say("Is berth 4 free?");
  REQUIRE(begun.begun);
  REQUIRE(w.messages().size() == 2);
  CHECK(w.messages()[0].content.view() == "Is berth 4 free?");
  CHECK(w.messages()[1].status == message_status::running);
  CHECK(w.row().preview == "Is berth 4 free?");
  w.model_answers(says("It is."));
  const auto messages = w.messages();
  CHECK(messages[1].status == message_status::complete);
  CHECK(messages[1].content.view() == "It is.");
  CHECK(messages[1].tier == "frontier");
  CHECK(messages[1].id.value == begun.begun->answer.value);
  CHECK(w.turn_events() == after_recall({"chunk", "done", "finished"}));
  REQUIRE(w.logs().size() == 1);
  CHECK(w.logs()[0].find(R"("turn_index":0)") != std::string::npos);
  CHECK(w.row().preview == "It is.");
  CHECK(w.row().messages == 2);
}

TEST_CASE("HIST the next turn is sent what was said before", "[actors][conversation]") {
  chat_world w;
  w.say("Is berth 4 free?");
  w.model_answers(says("It is."));
  w.say("And berth 5?");
  CHECK(w.prompt() == texts{"user: Is berth 4 free?", "assistant: It is.", "user: And berth 5?"});
  w.model_answers(says("No."));
  CHECK(w.messages().size() == 4);
  CHECK(w.logs().size() == 2);
}

TEST_CASE("FIX-10 one turn at a time: the second one is refused and nothing is written",
          "[actors][conversation]") {
  chat_world w;
  w.say("one");
  const auto second = w.say("two");
  REQUIRE(second.refused);
  CHECK(second.refused->code == errc::turn_already_active);
  CHECK(w.messages().size() == 2);
  w.model_answers(says("done"));
  CHECK(w.say("three").begun);
}

/// Says something more as soon as the end of the first turn can be read, and if that takes fewer
/// messages than `steps`. None: it takes more.
std::optional<std::size_t> messages_after_saying_more(std::size_t steps) {
  chat_world w;
  w.say("one");
  auto reply = says("It is.");
  reply.size = size_of(*source_tokenizer(), role::assistant, reply.text);
  REQUIRE(w.model->desk.answer(std::move(reply)));
  const auto goes_on = w.step(steps);
  const auto is_read = w.messages()[1].status == message_status::complete;
  if (is_read)
    w.send_say("two");
  w.settle();
  if (!is_read || !goes_on)
    return std::nullopt;
  return w.messages().size();
}

TEST_CASE("FIX-10 whoever has read the end of a turn can begin the next one",
          "[actors][conversation]") {
  auto tried = 0;
  for (auto steps = std::size_t{0}; steps < 60; ++steps) {
    CAPTURE(steps);
    if (const auto messages = messages_after_saying_more(steps)) {
      CHECK(*messages == 4);
      ++tried;
    }
  }
  CHECK(tried > 0);
}

TEST_CASE("FIX-10 of two that come at once one begins", "[actors][conversation]") {
  chat_world w;
  w.send_say("one");
  w.send_say("two");
  w.settle();
  CHECK(w.messages().size() == 2);
  CHECK(w.model->desk.open_count() == 1);
}

TEST_CASE("TURN-02 pieces are journalled as they come, each with its number",
          "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  for (const auto* piece : {"Th", "ree ", "are ", "free."})
    w.model_streams(piece);
  CHECK(w.turn_chunks() == texts{"Th", "ree ", "are ", "free."});
  w.model_answers(says("Three are free."));
  CHECK(w.turn_chunks() == texts{"Th", "ree ", "are ", "free."});
  CHECK(w.messages()[1].content.view() == "Three are free.");
}

TEST_CASE("a character that is cut in two is shown whole", "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  w.model_streams("Bl\xC3");
  CHECK(w.turn_chunks() == texts{"Bl"});
  w.model_streams("\xA5 \xF0\x9F\x9A");
  w.model_streams("\xA2");
  w.model_answers(says("Bl\xC3\xA5 \xF0\x9F\x9A\xA2!"));
  CHECK(w.messages()[1].content.view() == "Bl\xC3\xA5 \xF0\x9F\x9A\xA2!");
  for (const auto& chunk : w.turn_chunks())
    CHECK(chunk.find("\xEF\xBF\xBD") == std::string::npos);
}

TEST_CASE("markers are plain text in chats", "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  w.model_streams("[FINAL] yes");
  CHECK(w.turn_chunks() == texts{"[FINAL] yes"});
}

TEST_CASE("pieces grow while the store is slow, instead of queueing up", "[actors][conversation]") {
  auto options = world_options{};
  auto store = std::make_shared<fault_store>(make_memory_store());
  options.store = store;
  chat_world w{options};
  w.say("hello");
  w.model_streams("a");
  store->plan()->fail_all(true);
  for (const auto* piece : {"b", "c", "d", "e"})
    w.model_streams(piece);
  store->plan()->fail_all(false);
  w.advance(2s);
  CHECK(w.turn_chunks() == texts{"a", "b", "cde"});
  w.model_answers(says("abcde"));
  CHECK(w.messages()[1].content.view() == "abcde");
}

TEST_CASE("TURN-03 tools are called with the message's id and their round",
          "[actors][conversation]") {
  chat_world w;
  w.say("look");
  w.model_answers(calls({call_of("search", "c1")}, "I look."));
  const auto& call = w.tool("search").desk.calls.back();
  CHECK(call->request.run == w.last_turn());
  CHECK(call->request.idempotency_key == w.last_turn().value + "/0/0");
  w.tool_answers("search", result_of("berth 4"));
  w.model_answers(says("Berth 4."));
  CHECK(w.turn_events()
        == after_recall({"chunk", "tool_calling", "activity_start", "activity_end", "tool_result",
                         "chunk", "done", "finished"}));
  CHECK(w.messages()[1].content.view() == "Berth 4.");
}

TEST_CASE("SE-05 D-25 a failing model leaves the partial text and the status error",
          "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  w.model_streams("Three ");
  w.model_answers(broken(true));
  CHECK(w.messages()[1].status == message_status::error);
  CHECK(w.messages()[1].content.view() == "Three ");
  CHECK(w.turn_events() == after_recall({"chunk", "error", "finished"}));
  w.say("again?");
  CHECK(w.prompt() == texts{"user: hello", "assistant: Three ", "user: again?"});
}

TEST_CASE("a pair whose answer is empty is shown, never sent", "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  w.model_answers(broken());
  CHECK(w.messages()[1].content.empty());
  w.say("again?");
  CHECK(w.prompt() == texts{"user: again?"});
}

TEST_CASE("SE-06 a cancel keeps the partial text and aborts the call", "[actors][conversation]") {
  chat_world w;
  CHECK(w.cancel()->code == errc::turn_not_active);
  w.say("hello");
  w.model_streams("Three ");
  CHECK_FALSE(w.cancel("enough"));
  CHECK(w.model->desk.calls.back()->cancelled);
  CHECK(w.messages()[1].status == message_status::cancelled);
  CHECK(w.messages()[1].content.view() == "Three ");
  CHECK(w.turn_events() == after_recall({"chunk", "cancelled", "finished"}));
  CHECK(w.cancel()->code == errc::turn_not_active);
  CHECK(w.say("go on").begun);
}

TEST_CASE("a cancel before transaction 1 is durable takes effect behind it",
          "[actors][conversation]") {
  chat_world w;
  w.send_say("hello");
  auto self = caf::scoped_actor{w.sys};
  w.step(1);  // conversations has handed it on
  auto pending = self->request<caf::message_priority::high>(w.actors.conversations, caf::infinite,
                                                            cancel_turn{w.talk, ""});
  w.settle();
  pending.receive([](const turn_ended& e) { CHECK(e.status == message_status::cancelled); },
                  [](const caf::error&) { FAIL("it was not cancelled"); });
  CHECK(w.messages()[1].status == message_status::cancelled);
}

TEST_CASE("a store that fails at the first transaction leaves the conversation as it was",
          "[actors][conversation]") {
  auto options = world_options{};
  auto store = std::make_shared<fault_store>(make_memory_store());
  options.store = store;
  chat_world w{options};
  w.say("hello");
  w.model_answers(says("hi"));
  const auto before = w.row();
  store->plan()->fail_all(true);
  const auto refused = w.say("are you there?");
  REQUIRE(refused.refused);
  CHECK(refused.refused->code == errc::journal_unavailable);
  store->plan()->fail_all(false);
  w.advance(2s);
  CHECK(w.row() == before);
  CHECK(w.messages().size() == 2);
  CHECK(w.model->desk.waiting() == nullptr);
  CHECK(w.say("and now?").begun);
}

TEST_CASE("a store that fails at any one call: the turn ends, nothing is lost",
          "[actors][conversation]") {
  for (auto nth = std::uint64_t{1}; nth <= 60; ++nth) {
    INFO("call " << nth << " fails");
    auto options = world_options{};
    auto store = std::make_shared<fault_store>(make_memory_store());
    options.store = store;
    chat_world w{options};
    store->plan()->fail_nth(nth);
    auto begun = w.say("look").begun.has_value();
    for (auto round = 0; round < 40 && begun; ++round) {
      if (w.messages().back().status != message_status::running)
        break;
      if (w.tool("write").desk.waiting())
        w.tool_answers("write", result_of("written"));
      else if (const auto call = w.model->desk.waiting())
        w.model_answers(call->request.context.size() <= 2 ? calls({call_of("write")}, "I write.")
                                                          : says("Written."));
      else
        w.advance(500ms);
    }
    const auto calls_made = store->plan()->calls();
    store->plan()->fail_none();
    if (!begun) {
      CHECK(w.messages().empty());
      continue;
    }
    CHECK(w.messages().at(1).content.view() == "Written.");
    CHECK(w.tool("write").desk.calls.size() == 1);
    CHECK(w.turn_events().back() == "finished");
    if (nth > calls_made)
      break;
  }
}

TEST_CASE("D-25 stopped after any append, a turn is interrupted and the conversation goes on",
          "[actors][conversation]") {
  const auto play = [](chat_world& w, std::size_t appends) {
    w.say("look");
    const auto enough = [&] { return w.store->read_run(w.last_turn()).value().size() >= appends; };
    if (!enough())
      w.model_streams("I ");
    if (!enough())
      w.model_answers(calls({call_of("write", "a"), call_of("search", "b")}, "I look."));
    if (!enough())
      w.tool_answers("search", result_of("found"));
    if (!enough())
      w.tool_answers("write", result_of("written"));
    if (!enough())
      w.model_streams("Do");
  };
  for (auto appends = std::size_t{1}; appends <= 8; ++appends) {
    INFO("after " << appends << " appends");
    auto options = world_options{};
    options.store = std::shared_ptr<journal_store>{make_memory_store()};
    auto shown = std::string{};
    auto keys = std::set<std::string>{};
    {
      chat_world w{options};
      play(w, appends);
      for (const auto& chunk : w.turn_chunks())
        shown += chunk;
      for (const auto& call : w.tool("write").desk.calls)
        keys.insert(call->request.idempotency_key);
    }
    options.resumes = true;
    chat_world w{options, false};
    REQUIRE(w.messages().size() == 2);
    CHECK(w.messages()[1].status == message_status::interrupted);
    CHECK(w.messages()[1].content.view() == shown);
    CHECK(w.turn_events().back() == "finished");
    CHECK(w.tool("write").desk.calls.empty());  // nothing is executed again
    CHECK(w.tool("search").desk.calls.empty());
    const auto events = w.turn_events();
    CHECK(std::ranges::count(events, "activity_start")
          == std::ranges::count(events, "activity_end"));
    w.say("and now?");
    w.model_answers(says("Here I am."));
    CHECK(w.messages().back().content.view() == "Here I am.");
    CHECK(w.messages().size() == 4);
  }
}

TEST_CASE("HT-21 a second sweep changes nothing", "[actors][conversation]") {
  auto options = world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    chat_world w{options};
    w.say("hello");
  }
  options.resumes = true;
  auto once = std::vector<message_row>{};
  {
    chat_world w{options, false};
    once = w.messages();
  }
  chat_world w{options, false};
  CHECK(w.messages() == once);
  CHECK(once[1].status == message_status::interrupted);
  CHECK(w.store->unfinished_turns(0, 10).value().empty());
}

TEST_CASE("a turn that finds an unfinished one waits until it is ended", "[actors][conversation]") {
  auto options = world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    chat_world w{options};
    w.say("hello");
  }
  chat_world w{options, false};  // nobody has swept
  CHECK(w.say("again?").begun);
  CHECK(w.messages()[1].status == message_status::interrupted);
  w.model_answers(says("Yes."));
  CHECK(w.messages().back().content.view() == "Yes.");
}

TEST_CASE("a crashed conversation ends its turn as an error and goes on",
          "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  w.model_streams("Thr");
  caf::anon_send_exit(w.conversation, caf::exit_reason::kill);
  w.settle();
  CHECK(w.model->desk.calls.back()->cancelled);
  CHECK(w.messages()[1].status == message_status::error);
  CHECK(w.messages()[1].content.view() == "Thr");
  CHECK(w.say("again?").begun);
  w.model_answers(says("Yes."));
  CHECK(w.messages().back().content.view() == "Yes.");
}

TEST_CASE("a conversation that crashes again and again is closed for a while",
          "[actors][conversation]") {
  chat_world w;
  for (auto i = 0; i < 3; ++i) {
    REQUIRE(w.say("hello").begun);
    caf::anon_send_exit(w.conversation, caf::exit_reason::kill);
    w.settle();
  }
  CHECK(w.say("hello").refused->code == errc::internal_error);
  w.advance(61s);
  CHECK(w.say("hello").begun);
}

TEST_CASE("idle conversations leave and come back", "[actors][conversation]") {
  chat_world w;
  w.say("one");
  w.model_answers(says("two"));
  const auto first = w.conversation;
  w.advance(121s);
  w.say("three");
  CHECK(w.conversation != first);
  CHECK(w.prompt() == texts{"user: one", "assistant: two", "user: three"});
}

TEST_CASE("only so many conversations are open at once", "[actors][conversation]") {
  auto options = world_options{};
  options.conversations.open_max = 1;
  chat_world w{options};
  w.say("one");
  const auto first = w.talk;
  w.talk = {"conv_2"};
  auto row = conversation_row{};
  row.id = w.talk;
  row.owner = {"alice"};
  row.persona = {"persona_1"};
  REQUIRE(w.store->create_conversation(row).has_value());
  CHECK(w.say("two").refused->code == errc::overloaded);
  w.model_answers(says("done"));
  CHECK(w.say("three").begun);
}

TEST_CASE("D-15 a long history is folded behind the turn, and no turn waits for it",
          "[actors][conversation]") {
  chat_world w;
  for (auto i = 0; i < 6; ++i) {
    w.say("ask " + std::to_string(i));
    w.model_answers(says("answer " + std::to_string(i)));
  }
  const auto fold = w.model->desk.waiting();
  REQUIRE(fold != nullptr);
  CHECK(fold->request.purpose == call_purpose::summary);
  CHECK(fold->request.context.back()->content.view().starts_with("user: ask 0\n"));
  CHECK(w.row().folded == 0);
  CHECK(w.say("one more").begun);  // beside it
  w.model_answers(says("They met."));
  CHECK(w.row().folded == 7);
  CHECK(w.row().summary == "They met.");
  w.model_answers(says("yes"));
  w.say("and now?");
  const auto prompt = w.prompt();
  CHECK(prompt.front().find("They met.") != std::string::npos);
  CHECK(prompt[1] == "assistant: answer 3");
  CHECK(prompt.back() == "user: and now?");
}

TEST_CASE("D-15 a fold that fails changes nothing and is tried again", "[actors][conversation]") {
  chat_world w;
  for (auto i = 0; i < 6; ++i) {
    w.say("ask");
    w.model_answers(says("answer"));
  }
  w.model_answers(broken());
  CHECK(w.row().folded == 0);
  w.say("again");
  w.model_answers(says("answer"));
  REQUIRE(w.model->desk.waiting() != nullptr);
  w.model_answers(says("They met."));
  CHECK(w.row().folded == 9);
}

TEST_CASE("D-15 a summary that has grown too long is made shorter", "[actors][conversation]") {
  chat_world w;
  for (auto i = 0; i < 6; ++i) {
    w.say("ask");
    w.model_answers(says("answer"));
  }
  auto words = std::string{};
  for (auto i = 0; i < 700; ++i)
    words += "berth ";
  w.model_answers(says(words));
  CHECK(w.row().folded == 0);
  w.model_answers(says("Berths."));
  CHECK(w.row().summary == "Berths.");
  CHECK(w.row().folded == 7);
}

TEST_CASE("HT-11 a title is made behind the first turn; a failure is no matter",
          "[actors][conversation]") {
  chat_world w;
  auto change = conversation_change{};
  change.title = "";
  REQUIRE(w.store->change_conversation(w.talk, change).has_value());
  w.say("Is berth 4 free?");
  w.model_answers(says("It is."));
  CHECK(w.messages()[1].status == message_status::complete);
  SECTION("made") {
    w.model_answers(says("\"Berth four\"\nand more"));
    CHECK(w.row().title == "Berth four");
  }
  SECTION("failed") {
    w.model_answers(broken());
    CHECK(w.row().title.empty());
  }
  w.say("And 5?");
  w.model_answers(says("No."));
  CHECK(w.model->desk.waiting() == nullptr);  // no second try
}

TEST_CASE("memory that does not answer is named, and the turn goes on", "[actors][conversation]") {
  auto options = world_options{};
  options.recall = [](const recall_request&, const auto&) { return true; };
  chat_world w{options};
  w.say("hello");
  CHECK(w.model->desk.waiting() == nullptr);
  w.advance(2s);
  REQUIRE(w.model->desk.waiting() != nullptr);
  w.model_answers(says("hi"));
  auto degraded = 0;
  for (const auto& append : w.store->read_run(w.last_turn()).value()) {
    for (const auto& event : events_of(append.body, {}))
      degraded +=
        event.json().find(R"("degraded":true,"reason":"unavailable")") != std::string_view::npos
          ? 1
          : 0;
  }
  CHECK(degraded == 4);
}

TEST_CASE("memory is asked for the talk of its user, without what the prompt shows",
          "[actors][conversation]") {
  auto asked = std::vector<recall_request>{};
  auto options = world_options{};
  options.recall = [&](const recall_request& what, const auto& done) {
    asked.push_back(what);
    done({}, {});
    return true;
  };
  chat_world w{options};
  w.say("one");
  w.model_answers(says("two"));
  w.say("three");
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].left_out.empty());
  CHECK(asked[1].left_out.size() == 1);
  CHECK(asked[1].history_turns == 2);
}

TEST_CASE("a deleted conversation takes its turn along", "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  auto self = caf::scoped_actor{w.sys};
  auto pending = self->request(w.actors.conversations, caf::infinite, remove_conversation{w.talk});
  w.settle();
  auto gone = false;
  pending.receive([&](const done&) { gone = true; }, [](const caf::error&) {});
  CHECK(gone);
  CHECK(w.model->desk.calls.back()->cancelled);
  CHECK_FALSE(w.store->find_conversation(w.talk).value());
  CHECK(w.say("hello").refused->code == errc::conversation_not_found);
}

TEST_CASE("a drain lets turns under way end and takes no new ones", "[actors][conversation]") {
  chat_world w;
  w.say("hello");
  auto self = caf::scoped_actor{w.sys};
  auto pending = self->request(w.actors.conversations, caf::infinite, drain{});
  w.settle();
  w.model_answers(calls({call_of("search")}));
  w.tool_answers("search", result_of("found"));
  w.model_answers(says("hi"));
  auto drained = false;
  pending.receive([&](const done&) { drained = true; }, [](const caf::error&) {});
  CHECK(drained);
  CHECK(w.messages()[1].status == message_status::complete);
  CHECK(w.say("more").refused->code == errc::overloaded);
}

TEST_CASE("a deadline ends a turn that hangs", "[actors][conversation]") {
  chat_world w;
  auto self = caf::scoped_actor{w.sys};
  w.say("hello");
  w.model_answers(says("hi"));
  auto msg = begin_turn{};
  msg.what.conversation = w.talk;
  msg.what.text = "slowly";
  msg.what.limits.deadline = instant{w.messages().back().created_at.value + 5'000};
  msg.question = {"msg_x"};
  msg.answer = {"msg_y"};
  msg.persona = w.store->find_persona({"persona_1"}).value().value();
  caf::anon_send(w.actors.conversations, msg);
  w.settle();
  w.advance(6s);
  CHECK(w.messages().back().status == message_status::error);
}

}  // namespace
}  // namespace persona_runtime
