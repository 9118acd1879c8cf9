// What every store promises of conversations.

#include "tests/providers/store/stores.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/conversation_samples.hpp"
#include "tests/support/journal_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

constexpr auto out_of_order = append_verdict::out_of_order;

message_filter all_of(const std::string& conversation) {
  auto filter = message_filter{};
  filter.conversation = {conversation};
  filter.limit = 1'000;
  return filter;
}

std::vector<std::string> texts(const std::vector<message_row>& messages) {
  auto found = std::vector<std::string>{};
  for (const auto& m : messages)
    found.push_back(m.content.str());
  return found;
}

std::vector<std::string> ids(const std::vector<conversation_row>& rows) {
  auto found = std::vector<std::string>{};
  for (const auto& row : rows)
    found.push_back(row.id.value);
  return found;
}

/// A whole turn.
void talk(journal_store& store, turn_script& turn, const std::string& said,
          const std::string& answer) {
  REQUIRE(put(store, turn.first(said)) == committed);
  REQUIRE(put(store, turn.next(2)) == committed);
  REQUIRE(put(store, turn.last(answer)) == committed);
}

}  // namespace

TEST_CASE("D-25 a turn's first transaction brings the user's message and a running one",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto reader = store->open_reader();
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  CHECK(store->create_conversation(a_conversation()).error().code == errc::validation_error);
  auto turn = turn_script{};
  auto first = turn.first("Is berth 4 free?");
  first.turn->added.front().channel = R"({"platform":"web"})";
  REQUIRE(put(*store, first) == committed);

  const auto row = reader->find_conversation({"conv_1"}).value().value();
  CHECK(row.messages == 2);
  CHECK(row.preview == "Is berth 4 free?");
  CHECK(row.preview_role == role::user);
  CHECK(row.updated_at == instant{2'000});
  CHECK(reader->list_messages(all_of("conv_1")).value() == first.turn->added);
  CHECK(reader->running_message({"conv_1"}).value() == first.turn->added.back());
  const auto open = reader->unfinished_turns(0, 10).value();
  REQUIRE(open.size() == 1);
  CHECK(open[0].conversation.value == "conv_1");
  CHECK(open[0].turn == turn.id_of_answer());
  CHECK(reader->unfinished_turns(open[0].number, 10).value().empty());
}

TEST_CASE("D-25 a turn's second transaction ends the message and keeps its records",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  const auto reader = store->open_reader();
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  const auto id = turn.id_of_answer();
  const auto batch = std::vector{turn.first("Hello?"), turn.next(3), turn.last("Hello.")};
  CHECK(store->append(batch).value() == std::vector(3, committed));

  const auto messages = reader->list_messages(all_of("conv_1")).value();
  REQUIRE(messages.size() == 2);
  CHECK(messages[1].status == message_status::complete);
  CHECK(messages[1].content.view() == "Hello.");
  CHECK(messages[1].tier == "mid");
  const auto row = reader->find_conversation({"conv_1"}).value().value();
  CHECK(row.preview == "Hello.");
  CHECK(row.preview_role == role::assistant);
  CHECK_FALSE(reader->running_message({"conv_1"}).value());
  CHECK(reader->unfinished_turns(0, 10).value().empty());

  const auto appends = reader->read_run(id).value();
  REQUIRE(appends.size() == 3);
  for (auto i = std::size_t{0}; i < 3; ++i) {
    CHECK(appends[i].pos == batch[i].pos);
    CHECK(appends[i].seq == batch[i].seq);
    CHECK(appends[i].body == batch[i].body);
    CHECK_FALSE(appends[i].turn);
  }
  CHECK(reader->read_events(id, {0}, 1).value().size() == 1);
  CHECK(reader->read_events(id, {3}, 10).value().size() == 1);
  CHECK(reader->read_events(id, {5}, 10).value().empty());
  const auto logs = reader->list_turn_logs({{"conv_1"}, {}, 10}).value();
  REQUIRE(logs.size() == 1);
  CHECK(logs[0].log == R"({"turn_index":0})");
  CHECK(logs[0].message.value == id.value);
}

TEST_CASE("FIX-10 a conversation has one turn at a time", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  auto other = turn_script{"conv_1", "other"};
  REQUIRE(put(*store, turn.first("one")) == committed);
  CHECK(put(*store, other.first("two")) == out_of_order);
  CHECK(store->list_messages(all_of("conv_1")).value().size() == 2);
  REQUIRE(put(*store, turn.last("done")) == committed);
  CHECK(put(*store, other.first("two")) == out_of_order);  // its position is taken
  REQUIRE(put(*store, turn.first("three")) == committed);
  CHECK(texts(store->list_messages(all_of("conv_1")).value())
        == std::vector<std::string>{"one", "done", "three", ""});
}

TEST_CASE("appends of turns are refused where they do not fit", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto turn = turn_script{};
  CHECK(put(*store, turn.first("nobody is there")) == out_of_order);
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto begun = turn_script{};
  REQUIRE(put(*store, begun.first("hello")) == committed);

  SECTION("a gap") {
    (void)begun.next();
    CHECK(put(*store, begun.next()) == out_of_order);
  }
  SECTION("an older incarnation") {
    auto late = begun;
    begun.life = {1};
    REQUIRE(put(*store, begun.next()) == committed);
    CHECK(put(*store, late.next()) == append_verdict::fenced);
  }
  SECTION("after the end") {
    auto late = begun;
    REQUIRE(put(*store, begun.last("bye", message_status::cancelled)) == committed);
    (void)late.next(2);  // where the end stands
    CHECK(put(*store, late.next()) == out_of_order);
  }
  SECTION("the first one again") {
    auto again = turn_script{};
    CHECK(put(*store, again.first("hello")) == out_of_order);
    CHECK(store->list_messages(all_of("conv_1")).value().size() == 2);
  }
  SECTION("after the conversation was deleted") {
    REQUIRE(store->delete_conversation({"conv_1"}).has_value());
    CHECK(put(*store, begun.next()) == out_of_order);
    CHECK(store->unfinished_turns(0, 10).value().empty());
  }
  SECTION("an append that brings rows but no records") {
    auto empty = begun.next();
    empty.records = 0;
    empty.events = 0;
    CHECK(put(*store, empty) == out_of_order);
  }
}

TEST_CASE("conversations are listed by their last activity", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  for (const auto* id : {"conv_1", "conv_2", "conv_3"})
    REQUIRE(store->create_conversation(a_conversation(id)).has_value());
  auto foreign = a_conversation("conv_4", "bob", "persona_2");
  foreign.updated_at = {1'500};
  REQUIRE(store->create_conversation(foreign).has_value());
  auto called = a_conversation("conv_5");
  called.origin = conversation_origin::call;
  REQUIRE(store->create_conversation(called).has_value());
  auto turn = turn_script{"conv_2"};
  talk(*store, turn, "hello", "good day");

  auto filter = conversation_filter{};
  CHECK(ids(store->list_conversations(filter).value())
        == std::vector<std::string>{"conv_2", "conv_4", "conv_3", "conv_1"});
  filter.owner = owner_id{"alice"};
  CHECK(ids(store->list_conversations(filter).value())
        == std::vector<std::string>{"conv_2", "conv_3", "conv_1"});
  filter.limit = 1;
  filter.offset = 1;
  CHECK(ids(store->list_conversations(filter).value()) == std::vector<std::string>{"conv_3"});
  filter.offset = std::numeric_limits<std::uint64_t>::max();
  CHECK(store->list_conversations(filter).value().empty());
  auto by_persona = conversation_filter{};
  by_persona.persona = persona_id{"persona_2"};
  CHECK(ids(store->list_conversations(by_persona).value()) == std::vector<std::string>{"conv_4"});
  by_persona.owner = owner_id{"alice"};
  CHECK(store->list_conversations(by_persona).value().empty());
}

TEST_CASE("messages are paged and searched", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  for (auto i = 0; i < 5; ++i)
    talk(*store, turn, "ask " + std::to_string(i), i == 3 ? "Berth 100% FREE_" : "no");
  auto filter = all_of("conv_1");
  CHECK(store->list_messages(filter).value().size() == 10);
  filter.limit = 3;
  filter.newest_first = true;
  CHECK(texts(store->list_messages(filter).value())
        == std::vector<std::string>{"no", "ask 4", "Berth 100% FREE_"});
  filter.before = 8;
  CHECK(texts(store->list_messages(filter).value())
        == std::vector<std::string>{"Berth 100% FREE_", "ask 3", "no"});
  filter = all_of("conv_1");
  filter.from = 6;
  filter.before = 7;
  CHECK(texts(store->list_messages(filter).value()) == std::vector<std::string>{"ask 3"});

  filter = all_of("conv_1");
  filter.contains = "100% free_";
  CHECK(texts(store->list_messages(filter).value())
        == std::vector<std::string>{"Berth 100% FREE_"});
  filter.contains = "100_";  // no wildcard
  CHECK(store->list_messages(filter).value().empty());
  filter.contains = "ask";
  CHECK(store->list_messages(filter).value().size() == 5);
  CHECK(store->list_messages(all_of("conv_2")).value().empty());
}

TEST_CASE("messages give way to those of a turn in their place", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  talk(*store, turn, "one", "two");
  talk(*store, turn, "three", "four");
  auto again = turn.first("three");
  again.turn->replaced = 2;
  REQUIRE(put(*store, again) == committed);
  auto found = store->list_messages(all_of("conv_1")).value();
  REQUIRE(found.size() == 6);
  for (const auto i : {0U, 1U, 4U})
    CHECK(found[i].status == message_status::complete);
  for (const auto i : {2U, 3U})
    CHECK(found[i].status == message_status::replaced);
  CHECK(found[5].status == message_status::running);
  CHECK(found[3].content.view() == "four");
}

namespace {

conversation_fork a_fork(const std::string& at, std::size_t ids = 100) {
  auto fork = conversation_fork{{"conv_1"}, {at}, a_conversation("conv_2"), {}};
  fork.row.title = "Another way";
  for (auto i = std::size_t{0}; i < ids; ++i)
    fork.ids.push_back({"msg_new_" + std::to_string(i)});
  return fork;
}

}  // namespace

TEST_CASE("a conversation forks before a user's message, or behind an answer",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  talk(*store, turn, "one", "two");
  talk(*store, turn, "three", "four");
  const auto behind = GENERATE(false, true);
  REQUIRE(store->fork_conversation(a_fork(behind ? "msg_conv_1_1" : "msg_conv_1_2")).has_value());
  const auto found = store->list_messages(all_of("conv_2")).value();
  CHECK(texts(found) == std::vector<std::string>{"one", "two"});
  CHECK(found[1].id.value == "msg_new_1");
  CHECK(found[1].position == 1);
  const auto row = store->find_conversation({"conv_2"}).value().value();
  CHECK(row.title == "Another way");
  CHECK(row.messages == 2);
  CHECK(row.preview == "two");
  CHECK(row.preview_role == role::assistant);
  CHECK(store->list_messages(all_of("conv_1")).value().size() == 4);

  auto there = turn_script{"conv_2"};
  auto next = there.first("other");
  next.turn->added[0].position = 2;
  next.turn->added[1].position = 3;
  CHECK(put(*store, next) == committed);
  CHECK(store->fork_conversation(a_fork("msg_conv_1_2")).error().code == errc::validation_error);
}

TEST_CASE("a fork takes the summary along as far as it reaches", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  talk(*store, turn, "one", "two");
  auto again = turn.first("one");
  again.turn->replaced = 0;
  REQUIRE(put(*store, again) == committed);
  REQUIRE(put(*store, turn.last("TWO")) == committed);
  talk(*store, turn, "three", "four");
  auto change = conversation_change{};
  change.fold = std::pair{std::uint64_t{4}, std::string{"They met."}};
  REQUIRE(store->change_conversation({"conv_1"}, change).has_value());

  REQUIRE(store->fork_conversation(a_fork("msg_conv_1_5")).has_value());
  auto row = store->find_conversation({"conv_2"}).value().value();
  CHECK(texts(store->list_messages(all_of("conv_2")).value())
        == std::vector<std::string>{"one", "TWO", "three", "four"});
  CHECK(row.folded == 2);
  CHECK(row.summary == "They met.");

  REQUIRE(store->delete_conversation({"conv_2"}).has_value());
  REQUIRE(store->fork_conversation(a_fork("msg_conv_1_2")).has_value());
  row = store->find_conversation({"conv_2"}).value().value();
  CHECK(row.messages == 0);
  CHECK(row.folded == 0);
  CHECK(row.summary.empty());
  CHECK(row.preview.empty());
  CHECK_FALSE(row.preview_role.has_value());
}

TEST_CASE("a fork that cannot be leaves nothing", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  talk(*store, turn, "one", "two");
  REQUIRE(put(*store, turn.first("three")) == committed);
  auto elsewhere = a_fork("msg_conv_1_0");
  elsewhere.from = {"conv_9"};
  CHECK(store->fork_conversation(elsewhere).error().code == errc::conversation_not_found);
  CHECK(store->fork_conversation(a_fork("msg_9")).error().code == errc::validation_error);
  CHECK(store->fork_conversation(a_fork("msg_conv_1_3")).error().code == errc::validation_error);
  CHECK(store->fork_conversation(a_fork("msg_conv_1_1", 1)).error().code == errc::validation_error);
  CHECK_FALSE(store->find_conversation({"conv_2"}).value().has_value());
}

TEST_CASE("questions can be found again", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  REQUIRE(put(*store, turn.first("send it")) == committed);
  auto asked = turn.last("To whom?");
  asked.turn->ended->question = true;
  asked.turn->log.clear();
  REQUIRE(put(*store, asked) == committed);
  talk(*store, turn, "to Mira", "done");
  auto filter = all_of("conv_1");
  filter.questions_only = true;
  CHECK(texts(store->list_messages(filter).value()) == std::vector<std::string>{"To whom?"});
  CHECK(store->list_turn_logs({{"conv_1"}, {}, 10}).value().size() == 1);
}

TEST_CASE("D-15 a fold and a title change the conversation and nothing else",
          "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto turn = turn_script{};
  talk(*store, turn, "one", "two");
  const auto before = store->find_conversation({"conv_1"}).value().value();
  auto change = conversation_change{};
  change.fold = std::pair{std::uint64_t{1}, std::string{"They met."}};
  REQUIRE(store->change_conversation({"conv_1"}, change).has_value());
  change = {};
  change.title = "A meeting";
  REQUIRE(store->change_conversation({"conv_1"}, change).has_value());
  const auto now = store->find_conversation({"conv_1"}).value().value();
  CHECK(now.folded == 1);
  CHECK(now.summary == "They met.");
  CHECK(now.title == "A meeting");
  CHECK(now.updated_at == before.updated_at);
  CHECK(now.messages == 2);
  CHECK(store->change_conversation({"conv_9"}, change).error().code
        == errc::conversation_not_found);
}

TEST_CASE("HT-20 a deleted conversation is gone with all of its turns", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  REQUIRE(store->create_conversation(a_conversation("conv_2")).has_value());
  auto one = turn_script{};
  auto two = turn_script{"conv_2"};
  const auto gone = one.id_of_answer();
  const auto kept = two.id_of_answer();
  talk(*store, one, "one", "two");
  talk(*store, two, "three", "four");
  REQUIRE(store->delete_conversation({"conv_1"}).has_value());
  CHECK(store->delete_conversation({"conv_1"}).error().code == errc::conversation_not_found);
  CHECK_FALSE(store->find_conversation({"conv_1"}).value());
  CHECK(store->list_messages(all_of("conv_1")).value().empty());
  CHECK(store->list_turn_logs({{"conv_1"}, {}, 10}).value().empty());
  CHECK(store->read_run(gone).value().empty());
  CHECK(store->read_run(kept).value().size() == 3);
  CHECK(store->list_messages(all_of("conv_2")).value().size() == 2);
}

TEST_CASE("a persona goes with its conversations, but not during a turn", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  auto persona = persona_row{};
  persona.id = {"persona_1"};
  persona.owner = {"alice"};
  REQUIRE(store->put_persona(persona).has_value());
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  REQUIRE(store->create_conversation(a_conversation("conv_2", "alice", "persona_2")).has_value());
  auto turn = turn_script{};
  REQUIRE(put(*store, turn.first("hello")) == committed);
  CHECK(store->delete_persona({"persona_1"}).error().code == errc::persona_in_use);
  CHECK(store->find_persona({"persona_1"}).value());
  REQUIRE(put(*store, turn.last("bye")) == committed);
  REQUIRE(store->delete_persona({"persona_1"}).has_value());
  CHECK_FALSE(store->find_conversation({"conv_1"}).value());
  CHECK(store->find_conversation({"conv_2"}).value());
}

TEST_CASE("turns and runs lie side by side", "[providers][store]") {
  auto store = store_under_test{GENERATE(EVERY_STORE)};
  REQUIRE(store->create_conversation(a_conversation()).has_value());
  auto run = journal_script{"run_1"};
  auto turn = turn_script{};
  const auto batch = std::vector{run.next(), turn.first("hello"), run.next(), turn.last("bye")};
  CHECK(store->append(batch).value() == std::vector(4, committed));
  CHECK(store->read_run({"run_1"}).value().size() == 2);
  CHECK(store->list_runs({}).value().size() == 1);
  CHECK(store->unfinished_runs(0, 10).value().size() == 1);
}
