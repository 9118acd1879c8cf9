#include "domain/conversation/kept_talk.hpp"
#include "domain/memory/chunk.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

message_row row(std::uint64_t position, std::string text,
                message_status status = message_status::complete) {
  auto m = message_row{};
  m.id = {"msg_" + std::to_string(position)};
  m.position = position;
  m.from = position % 2 == 0 ? role::user : role::assistant;
  m.status = status;
  m.content = shared_text{std::move(text)};
  return m;
}

conversation_row a_row(std::uint64_t messages, std::uint64_t folded = 0) {
  auto r = conversation_row{};
  r.id = {"conv_1"};
  r.persona = {"persona_1"};
  r.messages = messages;
  r.folded = folded;
  return r;
}

std::vector<std::string> texts_of(const kept_talk& talk) {
  auto out = std::vector<std::string>{};
  for (const auto& kept : talk.tail)
    out.push_back(text_of(kept.what));
  return out;
}

kept_talk kept_talk_of(std::uint64_t messages) {
  auto rows = std::vector<message_row>{};
  for (auto i = std::uint64_t{0}; i < messages; ++i)
    rows.push_back(row(i, "text " + std::to_string(i)));
  return talk_from(a_row(messages), rows, {});
}

}  // namespace

TEST_CASE("CH a pair whose answer has no text is kept from the prompt", "[domain][conversation]") {
  const auto rows = std::vector{row(0, "one"),   row(1, "two"),
                                row(2, "three"), row(3, " \n", message_status::error),
                                row(4, "four"),  row(5, "fi", message_status::interrupted)};
  const auto talk = talk_from(a_row(6), rows, {});
  CHECK(texts_of(talk) == std::vector<std::string>{"one", "two", "four", "fi"});
  CHECK(talk.messages == 6);
}

TEST_CASE("a turn under way is no history", "[domain][conversation]") {
  const auto rows = std::vector{row(0, "one"), row(1, "", message_status::running)};
  CHECK(talk_from(a_row(2), rows, {}).tail.empty());
}

TEST_CASE("an ended turn joins the tail, unless it has no text", "[domain][conversation]") {
  auto talk = kept_talk_of(2);
  keep_turn(talk, row(2, "again"), row(3, "", message_status::cancelled));
  CHECK(texts_of(talk) == std::vector<std::string>{"text 0", "text 1"});
  CHECK(talk.messages == 4);
  keep_turn(talk, row(4, "and now"), row(5, "so"));
  CHECK(texts_of(talk).size() == 4);
  CHECK(for_turn(talk).messages.size() == 4);
  CHECK(for_turn(talk).compacted_up_to == 0);
}

TEST_CASE("D-15 over ten unfolded messages are folded but for the last five",
          "[domain][conversation]") {
  auto talk = kept_talk_of(10);
  CHECK_FALSE(due_fold(talk, history_rules{}));
  talk = kept_talk_of(12);
  auto due = due_fold(talk, history_rules{});
  REQUIRE(due);
  CHECK(due->range == message_range{0, 7});
  CHECK(due->text.starts_with("user: text 0\nassistant: text 1\n"));
  CHECK(folded_after(talk, due->range) == 7);
  fold(talk, due->range, "They met.");
  CHECK(talk.folded == 7);
  CHECK(texts_of(talk).front() == "text 7");
  CHECK(for_turn(talk).compacted_summary == "They met.");
  CHECK_FALSE(due_fold(talk, history_rules{}));
}

TEST_CASE("positions count messages that are not shown", "[domain][conversation]") {
  auto rows = std::vector<message_row>{};
  for (auto i = std::uint64_t{0}; i < 16; ++i)
    rows.push_back(row(i, i == 3 ? "" : "text"));
  auto talk = talk_from(a_row(16), rows, {});
  CHECK(talk.tail.size() == 14);
  const auto due = due_fold(talk, history_rules{});
  REQUIRE(due);
  CHECK(due->range.last == 9);
  CHECK(folded_after(talk, due->range) == 11);
}

TEST_CASE("TURN-21 questions are remembered after they were folded", "[domain][conversation]") {
  auto rows = std::vector<message_row>{};
  for (auto i = std::uint64_t{0}; i < 12; ++i)
    rows.push_back(row(i, "text " + std::to_string(i)));
  rows[1].question = true;
  auto talk = talk_from(a_row(12), rows, {});
  fold(talk, {0, 7}, "They met.");
  REQUIRE(talk.questions.size() == 1);
  const auto c = for_turn(talk);
  CHECK(c.messages.size() == 6);
  CHECK(c.compacted_up_to == 1);
  CHECK(is_proactive_question(c.messages.front()));
}

TEST_CASE("episodes that the tail tells anyway are named by their messages",
          "[domain][conversation]") {
  const auto talk = kept_talk_of(4);
  CHECK(shown_episodes(talk)
        == std::vector{memory_chunk_id({"persona_1"}, memory_store_kind::episodic, "1"),
                       memory_chunk_id({"persona_1"}, memory_store_kind::episodic, "3")});
  CHECK(ulid_of("msg_01JD") == "01JD");
}
