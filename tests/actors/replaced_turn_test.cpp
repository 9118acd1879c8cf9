// A turn in the place of the last one.

#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a turn may take the place of the last one", "[actors][conversation]") {
  chat_world w;
  w.say("Is berth 4 free?");
  w.model_answers(says("It is."));
  w.say("And berth 5?");
  w.model_answers(says("No."));
  REQUIRE(w.say_instead(2, "And berth 5?").begun);
  CHECK(w.prompt() == texts{"user: Is berth 4 free?", "assistant: It is.", "user: And berth 5?"});
  w.model_answers(says("Perhaps."));
  const auto messages = w.messages();
  REQUIRE(messages.size() == 6);
  CHECK(messages[1].status == message_status::complete);
  CHECK(messages[2].status == message_status::replaced);
  CHECK(messages[3].status == message_status::replaced);
  CHECK(messages[3].content.view() == "No.");
  CHECK(messages[4].status == message_status::complete);
  CHECK(messages[5].content.view() == "Perhaps.");
  w.say("and now?");
  CHECK(w.prompt()
        == texts{"user: Is berth 4 free?", "assistant: It is.", "user: And berth 5?",
                 "assistant: Perhaps.", "user: and now?"});
}

TEST_CASE("what is remembered of a turn goes with it", "[actors][conversation]") {
  chat_world w;
  w.say("Is berth 4 free?");
  w.model_answers(says("It is."));
  const auto episodes = [&] {
    const auto place =
      memory_place{talk_scope({"persona_1"}, {"alice"}, ""), memory_store_kind::episodic};
    auto found = texts{};
    for (const auto& chunk : w.store->open_chunk_reader()->list_chunks({place}).value())
      found.push_back(chunk.text);
    return found;
  };
  REQUIRE(episodes() == texts{"USER: Is berth 4 free?\nASSISTANT: It is."});
  w.say_instead(0, "Is berth 4 free?");
  CHECK(episodes().empty());
  w.model_answers(says("No."));
  CHECK(episodes() == texts{"USER: Is berth 4 free?\nASSISTANT: No."});
}

TEST_CASE("only the last turn may be replaced, and an actor that comes later knows",
          "[actors][conversation]") {
  auto options = world_options{};
  options.conversations.idle = 1ms;
  chat_world w{options};
  w.say("one");
  w.model_answers(says("two"));
  w.say("three");
  w.model_answers(says("four"));
  const auto before = w.messages();
  const auto refused = w.say_instead(0, "one").refused;
  REQUIRE(refused);
  CHECK(refused->code == errc::turn_already_active);
  CHECK(w.messages() == before);
  w.say_instead(2, "three");
  w.model_answers(says("five"));
  w.advance(1s);
  w.say("six");
  CHECK(w.prompt()
        == texts{"user: one", "assistant: two", "user: three", "assistant: five", "user: six"});
}

}  // namespace persona_runtime
