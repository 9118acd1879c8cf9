// Completions with their actors, on virtual time.

#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using texts = std::vector<std::string>;

struct told final : completion_listener {
  void on_text(std::string piece) override { pieces.push_back(std::move(piece)); }
  void on_end(completion_end what) override { ends.push_back(std::move(what)); }
  void on_refused(const failure& why) override {
    CHECK_FALSE(refused);
    refused = why;
  }
  texts pieces;
  std::vector<completion_end> ends;
  std::optional<failure> refused;
};

message_ptr one(role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  return std::make_shared<const message>(std::move(m));
}

message_ptr answers_call(const std::string& call_id, std::string text) {
  auto m = *one(role::tool, std::move(text));
  m.call_id = call_id;
  return std::make_shared<const message>(std::move(m));
}

message_ptr calling(std::vector<tool_call> calls) {
  auto m = *one(role::assistant, "");
  m.calls = std::move(calls);
  return std::make_shared<const message>(std::move(m));
}

struct completion_world : chat_world {
  using chat_world::chat_world;

  /// Begins one; everything that then happens by itself has happened.
  std::optional<failure> complete(completion_request what) {
    auto job = completion_job{};
    id = {"chatcmpl-" + std::to_string(++asked)};
    job.id = id;
    job.who = {{"alice"}, false};
    job.nonce = std::string(32, 'a');
    job.what = std::move(what);
    job.what.persona = {"persona_1"};
    job.listener = heard = std::make_shared<told>();
    caf::anon_send(actors.completions,
                   begin_completion{std::make_shared<const completion_job>(job)});
    settle();
    return heard->refused;
  }
  std::optional<failure> ask(std::string text) {
    auto what = completion_request{};
    what.messages = {one(role::user, std::move(text))};
    return complete(std::move(what));
  }
  void client_goes() {
    caf::anon_send(actors.completions, cancel_completion{id});
    settle();
  }
  [[nodiscard]] const completion_end& end() const {
    REQUIRE(heard->ends.size() == 1);
    return heard->ends.front();
  }

  run_id id;
  int asked = 0;
  std::shared_ptr<told> heard;
};

completion_request with_client_tool(message_list messages) {
  auto what = completion_request{};
  what.messages = std::move(messages);
  what.tools = {a_tool("look_outside")};
  return what;
}

recall_request recall_of_alice() {
  auto out = recall_request{};
  out.scope = talk_scope({"persona_1"}, {"alice"}, {});
  out.with_identity = false;
  return out;
}

world_options remembering_completions() {
  auto options = world_options{};
  options.remembers = true;
  options.who.tools = {"search", "write", "remember", "forget"};
  return options;
}

/// Whether what a completion's model is told speaks of the sloop that memory knows.
bool is_reminded(completion_world& w) {
  REQUIRE_FALSE(w.ask("Where is Petrel moored?").has_value());
  const auto prompt = std::string{w.last_request().context.front()->content.view()};
  w.model_answers(says("At berth 4."));
  return prompt.find("sloop Petrel") != std::string::npos;
}

TEST_CASE("a completion is reminded of what a chat has written, from the next one on",
          "[actors][completion][memory]") {
  completion_world w{remembering_completions()};
  CHECK_FALSE(w.actors.filled->may_answer(recall_of_alice()));
  CHECK_FALSE(is_reminded(w));
  w.say("I sail the sloop Petrel.");
  w.model_answers(
    calls({call_of("remember", "r1", R"({"fact":"The user sails the sloop Petrel."})")}));
  CHECK(w.actors.filled->may_answer(recall_of_alice()));
  w.model_answers(says("Noted."));
  CHECK(is_reminded(w));
}

TEST_CASE("a completion is reminded of what an earlier process has written",
          "[actors][completion][memory]") {
  auto options = remembering_completions();
  options.store = make_memory_store();
  auto draft = memory_draft{};
  draft.text = "The user sails the sloop Petrel.";
  draft.ulid = "01JD0000000000000000000009";
  auto told = memory_request{};
  told.place = {recall_of_alice().scope, memory_store_kind::self_facts};
  told.author.source = memory_source::user;
  told.change = write_memory{{draft}};
  REQUIRE_FALSE(options.store->write_memory({&told, 1}).value().at(0).refusal);
  completion_world w{options};
  CHECK(is_reminded(w));
}

TEST_CASE("memory that has nothing to say keeps no completion waiting",
          "[actors][completion][memory]") {
  auto options = world_options{};
  auto asked = 0;
  options.recall = [&asked](const recall_request& what, const auto&) {
    CHECK_FALSE(what.with_identity);
    ++asked;
    return false;
  };
  completion_world w{options};
  REQUIRE_FALSE(w.ask("Where to?").has_value());
  CHECK(asked == 1);
  CHECK(w.model->desk.open_count() == 1);
}

TEST_CASE("a completion is a turn of which nothing is kept", "[actors][completion]") {
  completion_world w;
  auto what = completion_request{};
  what.messages = {one(role::system, "Be brief."), one(role::user, "One?"),
                   one(role::assistant, "Yes."), one(role::user, "Delete everything?")};
  REQUIRE_FALSE(w.complete(what));
  CHECK(w.prompt() == texts{"user: One?", "assistant: Yes.", "user: Delete everything?"});
  const auto system = w.last_request().context.front()->content.str();
  CHECK(system.find("Mira") < system.find("Be brief."));
  w.model_streams("It ");
  w.model_streams("is.");
  CHECK(w.heard->pieces == texts{"It ", "is."});
  w.model_answers(says("It is."));
  CHECK(w.end().status == message_status::complete);
  CHECK(w.end().text == "It is.");
  CHECK(w.end().finish == finish_reason::stop);
  CHECK(w.end().usage.prompt == 10);
  CHECK(w.messages().empty());
  CHECK(w.logs().empty());
  CHECK(w.store->read_run(w.id).value().empty());
  w.advance(std::chrono::milliseconds{100});
  const auto usage = w.store->read_usage({}).value();  // but what it cost
  REQUIRE(usage.size() == 1);
  CHECK(usage[0].owner.value == "alice");
  CHECK(usage[0].prompt_tokens == 10);
}

TEST_CASE("a client that goes away stops the model call", "[actors][completion]") {
  completion_world w;
  w.ask("One?");
  w.model_streams("It ");
  REQUIRE(w.model->desk.open_count() == 1);
  w.client_goes();
  CHECK(w.model->desk.open_count() == 0);
  CHECK(w.model->desk.calls.back()->cancelled);
  CHECK(w.end().status == message_status::cancelled);
  w.client_goes();  // nobody is there any more
  CHECK_FALSE(w.ask("Two?"));
}

TEST_CASE("a client that goes away stops the tools too", "[actors][completion]") {
  completion_world w;
  w.ask("One?");
  w.model_answers(calls({call_of("search")}));
  REQUIRE(w.tool("search").desk.open_count() == 1);
  w.client_goes();
  CHECK(w.tool("search").desk.open_count() == 0);
  CHECK(w.end().status == message_status::cancelled);
}

TEST_CASE("a call of the client's tool ends the turn", "[actors][completion]") {
  completion_world w;
  REQUIRE_FALSE(w.complete(with_client_tool({one(role::user, "Weather?")})));
  REQUIRE(w.last_request().tools->size() == 3);
  w.model_answers(calls({call_of("look_outside", "c1", R"({"where":"quay"})")}, "I look."));
  CHECK(w.model->desk.open_count() == 0);
  CHECK(w.end().finish == finish_reason::tool_calls);
  CHECK(w.end().text == "I look.");
  REQUIRE(w.end().calls.size() == 1);
  CHECK(w.end().calls[0].name == "look_outside");
  CHECK(w.end().calls[0].arguments == R"({"where":"quay"})");
  CHECK(w.end().calls[0].call_id == "call_1_1");
}

TEST_CASE("the server's tools of the round run first, and are not made again",
          "[actors][completion]") {
  completion_world w;
  w.complete(with_client_tool({one(role::user, "Weather?")}));
  w.model_answers(calls({call_of("look_outside", "c1"), call_of("search", "c2")}));
  CHECK(w.heard->ends.empty());
  w.tool_answers("search", result_of("low pressure"));
  REQUIRE(w.end().calls.size() == 1);
  const auto given = w.end().calls;
  w.complete(with_client_tool(
    {one(role::user, "Weather?"), calling(given), answers_call(given[0].call_id, "rain")}));
  CHECK(
    w.prompt()
    == texts{"user: Weather?", "assistant: ", "tool: low pressure", "assistant: ", "tool: rain"});
  w.model_answers(says("Wet."));
  CHECK(w.end().text == "Wet.");
}

TEST_CASE("what a client was given by somebody else's request is not mixed in",
          "[actors][completion]") {
  completion_world w;
  w.complete(
    with_client_tool({one(role::user, "Weather?"), calling({call_of("look_outside", "call_9_1")}),
                      answers_call("call_9_1", "rain")}));
  CHECK(w.prompt() == texts{"user: Weather?", "assistant: ", "tool: rain"});
}

TEST_CASE("wishes reach the model; a required call is required once", "[actors][completion]") {
  completion_world w;
  auto what = completion_request{};
  what.messages = {one(role::user, "One?")};
  what.wishes = {0.5, 40, {"END"}, R"({"type":"json_object"})", call_wish::required, "search"};
  w.complete(what);
  const auto first = w.last_request();
  CHECK(first.temperature == 0.5);
  CHECK(first.reply_tokens_max == 40);
  CHECK(first.stop == texts{"END"});
  CHECK(first.response_format == R"({"type":"json_object"})");
  CHECK(first.choice == tool_choice::required);
  CHECK(first.tool == "search");
  w.model_answers(calls({call_of("search")}));
  w.tool_answers("search", result_of("x"));
  CHECK(w.last_request().choice == tool_choice::automatic);
  auto cut = says("and so");
  cut.finish = finish_reason::length;
  w.model_answers(cut);
  CHECK(w.end().finish == finish_reason::length);
}

TEST_CASE("an image goes to a tier that takes images, and nowhere else", "[actors][completion]") {
  auto m = *one(role::user, "What is this?");
  m.images = {{"image", image_type::png, shared_text{std::string{"bytes"}}}};
  auto what = completion_request{};
  what.messages = {std::make_shared<const message>(m)};
  completion_world blind;
  blind.complete(what);
  CHECK(blind.end().error_kind == "validation_error");
  CHECK(blind.model->desk.calls.empty());
  auto options = world_options{};
  auto seeing = a_model("openai", "seeing-model");
  seeing.vision = true;
  options.tiers = {{"frontier", {seeing}}};
  completion_world w{options};
  w.complete(what);
  REQUIRE(w.model->desk.open_count() == 1);
  REQUIRE(w.last_request().context.back()->images.size() == 1);
  CHECK(w.last_request().context.back()->images[0].bytes.view() == "bytes");
}

TEST_CASE("with tool_choice none no call counts", "[actors][completion]") {
  completion_world w;
  auto what = with_client_tool({one(role::user, "One?")});
  what.wishes.calls = call_wish::none;
  w.complete(what);
  CHECK(w.last_request().choice == tool_choice::none);
  w.model_answers(calls({call_of("search")}, "No."));
  CHECK(w.end().text == "No.");
  CHECK(w.end().calls.empty());
}

TEST_CASE("a failing model ends a completion with its error", "[actors][completion]") {
  completion_world w;
  w.ask("One?");
  w.model_answers(error_with(model_error_class::authentication, 401));
  CHECK(w.end().status == message_status::error);
  CHECK(w.end().error_kind == "provider_auth_failed");
}

TEST_CASE("completions are bounded, of one owner and of all", "[actors][completion]") {
  auto options = world_options{};
  options.completions.under_way_max = 2;
  options.completions.per_owner_max = 1;
  completion_world w{options};
  REQUIRE_FALSE(w.ask("One?"));
  const auto second = w.ask("Two?");
  REQUIRE(second);
  CHECK(second->code == errc::rate_limit_exceeded);
  CHECK(w.heard->ends.empty());
  w.model_answers(says("Yes."));
  CHECK_FALSE(w.ask("Three?"));
}

TEST_CASE("a client that goes away while its persona is read is forgotten",
          "[actors][completion]") {
  auto options = world_options{};
  options.completions.per_owner_max = 1;
  completion_world w{options};
  auto job = completion_job{};
  job.id = {"chatcmpl-0"};
  job.who = {{"alice"}, false};
  job.what.persona = {"persona_1"};
  job.listener = std::make_shared<told>();
  caf::anon_send(w.actors.completions,
                 begin_completion{std::make_shared<const completion_job>(job)});
  caf::anon_send(w.actors.completions, cancel_completion{job.id});
  w.settle();
  CHECK(w.model->desk.calls.empty());
  CHECK_FALSE(w.ask("Two?"));  // its place is free
}

TEST_CASE("a persona that cannot be read refuses its completion, and frees the place",
          "[actors][completion]") {
  completion_world w;
  auto self = caf::scoped_actor{w.sys};
  caf::anon_send_exit(w.actors.archive, caf::exit_reason::user_shutdown);
  w.settle();
  const auto refused = w.ask("One?");
  REQUIRE(refused);
  CHECK(refused->code == errc::journal_unavailable);
  auto drained = self->request(w.actors.completions, caf::infinite, drain{});
  w.settle();
  auto is_drained = false;
  drained.receive([&](const done&) { is_drained = true; }, [](const caf::error&) {});
  CHECK(is_drained);
}

TEST_CASE("a completion that takes too long is given up", "[actors][completion]") {
  auto options = world_options{};
  options.completions.longest = 3s;
  completion_world w{options};
  w.ask("One?");
  w.advance(2s);
  CHECK(w.model->desk.open_count() == 1);
  w.advance(2s);
  CHECK(w.model->desk.open_count() == 0);
  CHECK(w.end().error_kind == "budget_exhausted");
}

TEST_CASE("a tool of the client under the name of the persona's own is refused",
          "[actors][completion]") {
  completion_world w;
  auto what = with_client_tool({one(role::user, "One?")});
  what.tools = {a_tool("search")};
  w.complete(what);
  CHECK(w.end().error_kind == "validation_error");
  CHECK(w.model->desk.calls.empty());
}

TEST_CASE("a long request is counted piece by piece, and can be given up meanwhile",
          "[actors][completion]") {
  completion_world w;
  auto what = completion_request{};
  for (auto i = 0; i < 4; ++i) {
    what.messages.push_back(one(role::user, std::string(80'000, 'x')));
    what.messages.push_back(one(role::assistant, "Yes."));
  }
  what.messages.push_back(one(role::user, "So?"));
  w.complete(what);
  CHECK(w.heard->ends.size() + w.model->desk.open_count() == 1);
}

TEST_CASE("a drain waits for completions and admits no further ones", "[actors][completion]") {
  completion_world w;
  w.ask("One?");
  auto self = caf::scoped_actor{w.sys};
  auto drained = self->request(w.actors.completions, caf::infinite, drain{});
  w.settle();
  const auto first = w.heard;
  CHECK(w.ask("Two?")->code == errc::overloaded);
  w.model_answers(says("Yes."));
  auto is_drained = false;
  drained.receive([&](const done&) { is_drained = true; }, [](const caf::error&) {});
  CHECK(is_drained);
  CHECK(first->ends.size() == 1);
}

TEST_CASE("whoever waits is told when the engine stops", "[actors][completion]") {
  completion_world w;
  w.ask("One?");
  caf::anon_send_exit(w.actors.completions, caf::exit_reason::user_shutdown);
  w.settle();
  CHECK(w.end().error_kind == "overloaded");
}

}  // namespace
}  // namespace persona_runtime
