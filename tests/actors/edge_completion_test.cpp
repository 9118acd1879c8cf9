// Completions as the HTTP edge asks for them, on virtual time.

#include "actors/known_personas.hpp"
#include "api/completion_backend.hpp"
#include "api/edge/edge_backend.hpp"
#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using texts = std::vector<std::string>;

struct heard_end final : completion_listener {
  void on_text(std::string piece) override { text += piece; }
  void on_end(completion_end what) override { ends.push_back(std::move(what)); }
  void on_refused(const failure& why) override { refused.push_back(why); }
  std::string text;
  std::vector<completion_end> ends;
  std::vector<failure> refused;
};

struct edge_completion_world : chat_world {
  edge_completion_world() {
    auto services = edge_services{};
    services.completions = actors.completions;
    services.tiers = [this] { return actors.board->now(); };
    services.conversations.new_ulid = [this] { return "01TEST" + std::to_string(++made); };
    services.conversations.new_nonce = [] { return std::string(32, 'a'); };
    services.conversations.now = [] { return instant{0}; };
    api = std::make_unique<edge_backend>(actors.edges, std::move(services));
  }

  /// Its failure, or none; then it is under way.
  std::optional<failure> complete(completion_request what, std::string owner = "alice") {
    listener = std::make_shared<heard_end>();
    held = api->completions()->complete({{std::move(owner)}, false}, std::move(what), listener);
    settle();
    REQUIRE(listener->refused.size() <= 1);
    return listener->refused.empty() ? std::nullopt : std::optional{listener->refused.front()};
  }
  static completion_request request(std::string text, std::string talk = {}) {
    auto m = message{};
    m.content = shared_text{std::move(text)};
    auto what = completion_request{};
    what.persona = {"persona_1"};
    what.conversation = {std::move(talk)};
    what.messages = {std::make_shared<const message>(std::move(m))};
    return what;
  }
  void let_go() {
    held.handle.reset();
    settle();
  }

  int made = 0;
  std::unique_ptr<edge_backend> api;
  std::shared_ptr<heard_end> listener;
  begun_completion held;
};

TEST_CASE("a completion that is let go is given up", "[actors][completion]") {
  edge_completion_world w;
  REQUIRE_FALSE(w.complete(w.request("One?")));
  CHECK(w.held.id == "chatcmpl-01TEST1");
  REQUIRE(w.model->desk.open_count() == 1);
  w.let_go();
  CHECK(w.model->desk.open_count() == 0);
  CHECK(w.messages().empty());
}

TEST_CASE("a completion in a conversation is a turn of it, and survives its client",
          "[actors][completion]") {
  edge_completion_world w;
  auto what = w.request("One?", w.talk.value);
  what.wishes.reply_tokens_max = 40;
  REQUIRE_FALSE(w.complete(what));
  CHECK(w.held.id == w.last_turn().value);
  CHECK(w.last_request().reply_tokens_max == 40);
  w.model_streams("It ");
  CHECK(w.listener->text == "It ");
  w.let_go();
  CHECK(w.model->desk.open_count() == 1);
  w.model_answers(says("It is."));
  REQUIRE(w.messages().size() == 2);
  CHECK(w.messages()[1].content.view() == "It is.");
  CHECK(w.messages()[1].status == message_status::complete);
}

TEST_CASE("who stays is told the end of a turn as that of a completion", "[actors][completion]") {
  edge_completion_world w;
  REQUIRE_FALSE(w.complete(w.request("One?", w.talk.value)));
  w.model_answers(calls({call_of("search")}, "I look. "));
  w.tool_answers("search", result_of("x"));
  auto cut = says("It is, and");
  cut.finish = finish_reason::length;
  w.model_answers(cut);
  REQUIRE(w.listener->ends.size() == 1);
  const auto& end = w.listener->ends[0];
  CHECK(w.listener->text == "I look. It is, and");
  CHECK(end.text == "It is, and");
  CHECK(end.status == message_status::complete);
  CHECK(end.finish == finish_reason::length);
  CHECK(end.usage.prompt == 20);
  REQUIRE_FALSE(w.complete(w.request("Two?", w.talk.value)));
  w.model_answers(error_with(model_error_class::authentication, 401));
  REQUIRE(w.listener->ends.size() == 1);
  CHECK(w.listener->ends[0].status == message_status::error);
  CHECK(w.listener->ends[0].error_kind == "provider_auth_failed");
}

TEST_CASE("a persona is read once, and again when it has changed", "[actors][completion]") {
  edge_completion_world w;
  auto row = w.store->find_persona({"persona_1"}).value().value();
  const auto name_in_prompt = [&w](std::string_view name) {
    REQUIRE_FALSE(w.complete(w.request("One?")));
    const auto& system = w.last_request().context.at(0)->content;
    const auto found = system.view().find(name) != std::string_view::npos;
    w.let_go();
    return found;
  };
  CHECK(name_in_prompt("Mira"));
  row.yaml.replace(row.yaml.find("Mira"), 4, "Signe");
  row.updated_at.value += 1;
  REQUIRE(w.store->put_persona(row).has_value());  // behind the journal's back: nobody is told
  CHECK(name_in_prompt("Mira"));
  CHECK(w.complete(w.request("One?"), "bob")->code == errc::persona_not_found);
  caf::anon_send(w.actors.journal, put_persona{row, {}});
  w.settle();
  CHECK(name_in_prompt("Signe"));
  caf::anon_send(w.actors.journal, remove_persona{row.id});
  w.settle();
  CHECK(w.complete(w.request("One?"))->code == errc::persona_not_found);
}

TEST_CASE("what is read while a persona changes is not kept", "[actors][completion]") {
  const auto epoch = std::make_shared<persona_epoch>();
  auto known = known_personas{epoch};
  const auto row = [](std::string id) {
    auto made = persona_row{};
    made.id = {std::move(id)};
    return std::make_shared<const persona_row>(std::move(made));
  };
  const auto before = known.epoch();
  epoch->advance();
  known.keep(row("a"), before);
  CHECK(known.find({"a"}) == nullptr);
  known.keep(row("a"), known.epoch());
  CHECK(known.find({"a"}) != nullptr);
  epoch->advance();
  CHECK(known.find({"a"}) == nullptr);
  for (auto i = 0; i < 1'001; ++i)
    known.keep(row(std::to_string(i)), known.epoch());
  CHECK(known.find({"1000"}) != nullptr);
  CHECK(known.find({"0"}) == nullptr);  // bounded
  const auto large = [](std::string id) {
    auto made = persona_row{};
    made.id = {std::move(id)};
    made.yaml = std::string(6 << 20, 'x');
    return std::make_shared<const persona_row>(std::move(made));
  };
  for (const auto* id : {"x", "y", "z"})
    known.keep(large(id), known.epoch());
  CHECK(known.find({"x"}) == nullptr);
  CHECK(known.find({"z"}) != nullptr);
  auto keeps_nothing = known_personas{};
  keeps_nothing.keep(row("a"), keeps_nothing.epoch());
  CHECK(keeps_nothing.find({"a"}) == nullptr);
}

TEST_CASE("what is not there, or somebody else's, is not found", "[actors][completion]") {
  edge_completion_world w;
  CHECK(w.complete(w.request("One?"), "bob")->code == errc::persona_not_found);
  CHECK(w.complete(w.request("One?", w.talk.value), "bob")->code == errc::conversation_not_found);
  CHECK(w.complete(w.request("One?", "conv_none"))->code == errc::conversation_not_found);
  auto other = w.request("One?", w.talk.value);
  other.persona = {"persona_2"};
  CHECK(w.complete(other)->code == errc::validation_error);
  REQUIRE_FALSE(w.complete(w.request("One?", w.talk.value)));
  const auto first = std::move(w.held);
  CHECK(w.complete(w.request("Two?", w.talk.value))->code == errc::turn_already_active);
  CHECK(w.listener->ends.empty());
}

}  // namespace
}  // namespace persona_runtime
