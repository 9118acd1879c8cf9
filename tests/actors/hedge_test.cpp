// A second model beside one that does not begin to answer: who is heard, who is cancelled, and what
// it costs. On virtual time.

#include "tests/support/chat_world.hpp"
#include "tests/support/two_models.hpp"

namespace persona_runtime {
namespace {

using test::a_model;
using test::call_of;
using test::calls;
using test::desk_ptr;
using test::error_with;
using test::result_of;
using test::says;
using test::world;
using test::world_options;
using namespace std::chrono_literals;

constexpr auto usual = 100ms;
constexpr auto late = 120ms;  // p95 is 108 ms at most; looked at every 20 ms

world_options with_hedges() {
  auto options = world_options{};
  options.hedges = true;
  return options;
}

/// Two providers, each with a model in every tier; the first one usually begins within 100 ms.
template <class World>
struct hedged {
  desk_ptr first = std::make_shared<test::desk_provider>();
  desk_ptr second = std::make_shared<test::desk_provider>();
  World w;
  int runs = 0;

  explicit hedged(int samples = 100) : hedged{samples, with_hedges()} {}
  hedged(int samples, world_options options)
    : w{test::with_two_models(std::move(options), first, second)} {
    warm(samples);
  }
  void start() {
    w.run = run_id{"run_" + std::to_string(++runs)};
    w.start();
  }
  /// One that has not begun to answer when it should have.
  void start_late() {
    start();
    pass(late);
  }
  /// In steps that the tier can tell apart.
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 20ms)
      w.advance(20ms);
  }
  static void speak(const desk_ptr& at, std::string_view text) {
    at->desk.calls.back()->request.sink->on_text(text);
  }
  void answer(const desk_ptr& at, model_result<model_reply> reply) {
    REQUIRE(at->desk.answer(std::move(reply)));
    w.settle();
  }
  void warm(int samples) {
    for (auto i = 0; i < samples; ++i) {
      start();
      w.advance(usual);
      speak(first, "[FINAL] ");
      answer(first, says("[FINAL] usual"));
    }
  }
  [[nodiscard]] std::string live_text() const {
    const auto text = w.actors.live->look_and_arm(w.run);
    return text == nullptr ? std::string{} : text->text.read(0);
  }
  [[nodiscard]] std::uint64_t started() const { return w.actors.counters->hedges_started; }
  [[nodiscard]] std::uint64_t won() const { return w.actors.counters->hedges_won; }
  std::vector<fact::settled> settled() {
    auto found = std::vector<fact::settled>{};
    for (const auto& r : w.records()) {
      if (const auto* each = std::get_if<fact::settled>(&r.body))
        found.push_back(*each);
    }
    return found;
  }
};

using hedged_world = hedged<world>;
using hedged_chat = hedged<test::chat_world>;

const auto unavailable = error_with(model_error_class::provider_error, 503);

TEST_CASE("a model that does not begin in its usual time gets company, and who begins is heard",
          "[actors][hedge]") {
  auto t = hedged_world{};
  t.start();
  t.pass(usual);
  CHECK(t.second->desk.calls.empty());
  t.pass(20ms);
  REQUIRE(t.second->desk.open_count() == 1);
  CHECK(t.first->desk.open_count() == 1);
  CHECK(t.started() == 1);
  CHECK(t.w.last<fact::reserved>().beside);
  CHECK(t.w.last<fact::reserved>().model == "two/m");
  const auto& asked = t.second->desk.calls.back()->request;
  CHECK(asked.context == t.first->desk.calls.back()->request.context);

  t.speak(t.second, "[FINAL] from two");
  t.w.settle();  // no time passes
  CHECK(t.first->desk.calls.back()->cancelled);
  t.speak(t.first, "LEAK");
  CHECK(t.live_text() == "from two");
  t.answer(t.second, says("[FINAL] from two"));

  CHECK(t.w.view().status == run_status::completed);
  CHECK(t.w.view().output == "from two");
  CHECK(t.w.last<fact::replied>().model == "two/m");
  CHECK(t.won() == 1);
  const auto costs = t.settled();
  REQUIRE(costs.size() == 2);
  CHECK(costs[0].model == "one/m");
  CHECK(costs[0].usage.prompt > 0);
  CHECK(costs[0].usage.completion == 1);  // "LEAK"
  CHECK(costs[0].usage.estimated);
  CHECK(costs[1].model == "two/m");
  CHECK(costs[1].usage == token_usage{10, 5, false});
  CHECK(t.w.view().usage.model_calls == 2);
  CHECK(t.w.count("fell_over") == 0);
  CHECK(t.w.actors.counters->model_calls_open == 0);
  CHECK(t.w.actors.counters->model_failures == 0);
  CHECK(t.w.journalled().reserved.tokens == 0);
}

TEST_CASE("the first one may still begin first: then the hedge is cancelled and paid",
          "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  t.speak(t.first, "[FINAL] from one");
  t.w.settle();
  CHECK(t.second->desk.calls.back()->cancelled);
  t.speak(t.second, "LEAK");
  CHECK(t.live_text() == "from one");
  t.answer(t.first, says("[FINAL] from one"));
  CHECK(t.w.view().output == "from one");
  CHECK(t.started() == 1);
  CHECK(t.won() == 0);
  const auto costs = t.settled();
  REQUIRE(costs.size() == 2);
  CHECK(costs[0].model == "two/m");
  CHECK(costs[0].usage.prompt > 0);
  CHECK(costs[1].model == "one/m");
}

TEST_CASE("reasoning and tool calls are a beginning too", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start();
  t.pass(usual);
  SECTION("reasoning") {
    t.first->desk.calls.back()->request.sink->on_reasoning("hm");
  }
  SECTION("a tool call") {
    t.first->desk.calls.back()->request.sink->on_unshown(6);
  }
  t.pass(1s);
  CHECK(t.second->desk.calls.empty());
  CHECK(t.w.count("reserved") == 1);
}

TEST_CASE("an answer that comes whole counts as it comes", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  t.answer(t.second, calls({call_of("search")}));
  CHECK(t.first->desk.calls.back()->cancelled);
  t.w.tool_answers("search", result_of("berth 12"));
  CHECK(t.first->desk.open_count() == 1);  // the next step asks the first one first
  t.answer(t.first, says("[FINAL] B 12"));
  CHECK(t.w.view().status == run_status::completed);
  CHECK(t.settled().size() == 3);
}

TEST_CASE("with 99 answers timed nobody is hedged, nor when it is off", "[actors][hedge]") {
  SECTION("99 answers") {
    auto t = hedged_world{99};
    t.start_late();
    t.pass(1s);
    CHECK(t.second->desk.calls.empty());
  }
  SECTION("off, which is usual") {
    auto t = hedged_world{100, world_options{}};
    t.start_late();
    t.pass(1s);
    CHECK(t.second->desk.calls.empty());
    CHECK(t.started() == 0);
  }
}

TEST_CASE("hedging is switched on and off by a reload", "[actors][hedge]") {
  auto t = hedged_world{100, world_options{}};
  const auto tiers = [&](bool hedges) {
    auto all = std::vector<wiring_tier>{};
    for (const auto* name : {"frontier", "mid", "small"})
      all.push_back({name,
                     {{a_model("one", "m"), t.first, {}}, {a_model("two", "m"), t.second, {}}},
                     {},
                     hedges});
    return all;
  };
  t.w.actors.use_tiers(tiers(true));
  t.w.settle();
  t.warm(100);
  t.start_late();
  CHECK(t.second->desk.open_count() == 1);
  t.answer(t.first, says("[FINAL] ok"));
  t.w.actors.use_tiers(tiers(false));
  t.w.settle();
  t.start_late();
  t.pass(1s);
  CHECK(t.started() == 1);
}

TEST_CASE("a budget that holds one attempt is not stretched for two", "[actors][hedge]") {
  auto t = hedged_world{};
  const auto one = t.w.last<fact::reserved>().amount.tokens;
  t.w.spec.limits.max_tokens = 2 * one;  // and the share of the summary
  t.start_late();
  CHECK(t.second->desk.calls.empty());
  CHECK(t.first->desk.open_count() == 1);
  t.answer(t.first, says("[FINAL] ok"));
  CHECK(t.w.view().status == run_status::completed);
  t.w.spec.limits.max_tokens = 2 * one + 2'000;
  t.start_late();
  CHECK(t.second->desk.open_count() == 1);
  const auto state = t.w.journalled();
  CHECK(state.spent.tokens + state.reserved.tokens <= *t.w.spec.limits.max_tokens);
}

TEST_CASE("a cancel ends both", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  t.w.request_cancel();
  CHECK(t.first->desk.calls.back()->cancelled);
  CHECK(t.second->desk.calls.back()->cancelled);
  CHECK(t.w.view().status == run_status::cancelled);
  CHECK(t.w.view().usage.model_calls == 2);
  CHECK(t.w.actors.counters->model_calls_open == 0);
}

TEST_CASE("a crash cancels both, and both count", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  const auto reserved = t.w.journalled().reserved.tokens;
  t.w.crash_run();
  t.w.settle();
  CHECK(t.second->desk.calls.back()->cancelled);
  CHECK(t.second->desk.open_count() == 0);
  REQUIRE(t.first->desk.open_count() == 1);  // of the next incarnation
  t.answer(t.first, says("[FINAL] again"));
  CHECK(t.w.view().status == run_status::completed);
  CHECK(t.w.view().usage.model_calls == 3);
  CHECK(t.w.journalled().spent.tokens == reserved + 15);
}

TEST_CASE("one that fails leaves the call to the other", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  SECTION("the first") {
    t.answer(t.first, unavailable);
    CHECK(t.first->desk.open_count() == 0);
    t.answer(t.second, says("[FINAL] from two"));
    CHECK(t.w.view().output == "from two");
    CHECK(t.won() == 1);
  }
  SECTION("the hedge") {
    t.answer(t.second, unavailable);
    CHECK(t.second->desk.open_count() == 0);
    t.answer(t.first, says("[FINAL] from one"));
    CHECK(t.w.view().output == "from one");
    CHECK(t.won() == 0);
  }
  CHECK(t.w.count("retried") == 0);
  CHECK(t.w.actors.counters->model_failures == 1);
  REQUIRE(t.settled().size() == 2);
  CHECK(t.settled()[0].usage.prompt == 0);  // it failed before it had read anything
}

TEST_CASE("when both fail, the call goes on from the second as it would have", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  t.answer(t.first, unavailable);
  t.answer(t.second, unavailable);
  t.pass(400ms);
  CHECK(t.first->desk.open_count() == 0);
  REQUIRE(t.second->desk.open_count() == 1);  // once more
  t.answer(t.second, says("[FINAL] at last"));
  CHECK(t.w.view().output == "at last");
  CHECK(t.w.count("retried") == 1);
  CHECK(t.w.view().usage.model_calls == 3);
  CHECK(t.w.journalled().spent.tokens == 15);
}

TEST_CASE("an answer that breaks off after it had begun does not bring the loser back",
          "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  t.speak(t.second, "[FINAL] fr");
  t.w.settle();
  REQUIRE(t.first->desk.open_count() == 0);
  auto broken = error_with(model_error_class::backend_timeout);
  broken.output_begun = true;
  t.answer(t.second, broken);
  t.pass(400ms);
  REQUIRE(t.second->desk.open_count() == 1);
  t.answer(t.second, says("[FINAL] from two"));
  CHECK(t.w.view().status == run_status::completed);
  const auto costs = t.settled();
  REQUIRE(costs.size() == 3);
  CHECK(costs[0].model == "one/m");
  CHECK(costs[1].model == "two/m");
}

TEST_CASE("losing a hedge says nothing about a model", "[actors][hedge]") {
  auto t = hedged_world{};
  for (auto i = 0; i < 5; ++i) {
    t.start_late();
    REQUIRE(t.second->desk.open_count() == 1);
    t.speak(t.second, "[FINAL] two");
    t.answer(t.second, says("[FINAL] two"));
  }
  CHECK(t.won() == 5);
  CHECK(t.w.actors.counters->models_opened == 0);
  t.start();
  CHECK(t.first->desk.open_count() == 1);
}

TEST_CASE("extra calls stay at 5 % when every answer is late", "[actors][hedge]") {
  auto t = hedged_world{};
  for (auto i = 0; i < 200; ++i) {
    t.start_late();
    t.answer(t.first, says("[FINAL] whole"));  // never seen to begin: nothing is learnt from it
  }
  CHECK(t.started() == 15);
  CHECK(t.w.actors.counters->model_calls == 315);
  CHECK(t.w.view().status == run_status::completed);
}

TEST_CASE("a call that waits for a turn at its model is not late", "[actors][hedge]") {
  auto options = with_hedges();
  options.gate.calls_max = 1;
  auto t = hedged_world{100, options};
  t.start();
  t.speak(t.first, "[FINAL] o");
  t.start();  // behind it
  t.pass(1s);
  CHECK(t.second->desk.calls.empty());
  REQUIRE(t.first->desk.open_count() == 1);
  t.answer(t.first, says("[FINAL] one"));
  t.pass(usual);
  CHECK(t.second->desk.calls.empty());
  t.pass(40ms);
  CHECK(t.second->desk.open_count() == 1);
}

TEST_CASE("no second model that is left alone is asked", "[actors][hedge]") {
  auto t = hedged_world{};
  t.w.actors.accounts->all().back().account->signal("m")->close_until(
    instant{t.w.now().value + 60'000});
  t.start_late();
  t.pass(1s);
  CHECK(t.second->desk.calls.empty());
  CHECK(t.w.count("reserved") == 1);
}

TEST_CASE("a model actor that dies takes only its own attempt along", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start_late();
  REQUIRE(t.second->desk.open_count() == 1);
  caf::anon_send_exit(t.w.actors.accounts->all().back().account->actor(), caf::exit_reason::kill);
  t.w.settle();
  CHECK(t.first->desk.open_count() == 1);
  t.answer(t.first, says("[FINAL] from one"));
  CHECK(t.w.view().output == "from one");
  REQUIRE(t.settled().size() == 2);
  CHECK(t.settled()[0].model == "two/m");
  CHECK(t.settled()[0].usage.prompt > 0);  // nobody knows how far it had come
}

TEST_CASE("while the process drains, no hedge begins", "[actors][hedge]") {
  auto t = hedged_world{};
  t.start();
  auto self = caf::scoped_actor{t.w.sys};
  auto drained = self->request(t.w.actors.supervisor, caf::infinite, drain{});
  t.pass(1s);
  CHECK(t.second->desk.calls.empty());
  CHECK(self->mailbox().empty());  // the step is still under way
  t.answer(t.first, calls({call_of("search")}));
  t.w.tool_answers("search", result_of("berth 12"));
  auto is_drained = false;
  drained.receive([&](const done&) { is_drained = true; }, [](const caf::error&) {});
  CHECK(is_drained);
  CHECK(t.w.count("tool_result") == 1);
}

TEST_CASE("an answer in a conversation is hedged like a step", "[actors][hedge]") {
  auto t = hedged_chat{};
  REQUIRE(t.w.say("Which berth is free today?").begun);
  REQUIRE(t.first->desk.open_count() == 1);
  t.pass(late);
  REQUIRE(t.second->desk.open_count() == 1);
  t.speak(t.second, "Berth ");
  t.w.settle();
  CHECK(t.first->desk.calls.back()->cancelled);
  t.speak(t.first, "LEAK");
  t.speak(t.second, "12.");
  t.w.settle();
  t.answer(t.second, says("Berth 12."));
  CHECK(t.w.messages().back().content.view() == "Berth 12.");
  CHECK(t.w.messages().back().status == message_status::complete);
  CHECK(t.w.turn_chunks() == std::vector<std::string>{"Berth ", "12."});
  CHECK(t.won() == 1);
  auto calls = std::map<std::string, std::uint64_t>{};
  for (const auto& entry : t.w.store->read_usage({}).value())
    calls[entry.model] += entry.calls;
  CHECK(calls == std::map<std::string, std::uint64_t>{{"one/m", 101}, {"two/m", 1}});
}

struct quiet_listener final : completion_listener {
  void on_text(std::string piece) override { text += piece; }
  void on_end(completion_end what) override { end = std::move(what); }
  void on_refused(const failure& why) override { FAIL("it was refused: " << why.detail); }
  std::string text;
  std::optional<completion_end> end;
};

TEST_CASE("a completion is hedged, and both attempts are paid", "[actors][hedge]") {
  auto t = hedged_chat{};
  const auto heard = std::make_shared<quiet_listener>();
  auto asked = message{};
  asked.from = role::user;
  asked.content = shared_text{"Which berth is free today?"};
  auto job = completion_job{};
  job.id = {"chatcmpl-1"};
  job.who = {{"alice"}, false};
  job.nonce = std::string(32, 'a');
  job.what.persona = {"persona_1"};
  job.what.messages = {std::make_shared<const message>(asked)};
  job.listener = heard;
  caf::anon_send(t.w.actors.completions,
                 begin_completion{std::make_shared<const completion_job>(job)});
  t.w.settle();
  REQUIRE(t.first->desk.open_count() == 1);
  t.pass(late);
  REQUIRE(t.second->desk.open_count() == 1);
  t.speak(t.first, "Berth 12.");
  t.w.settle();
  CHECK(t.second->desk.calls.back()->cancelled);
  t.answer(t.first, says("Berth 12."));
  REQUIRE(heard->end);
  CHECK(heard->end->text == "Berth 12.");
  CHECK(heard->text == "Berth 12.");
  CHECK(heard->end->usage.prompt > 10);  // the loser's prompt, too
  auto calls = std::map<std::string, std::uint64_t>{};
  t.w.advance(std::chrono::milliseconds{100});
  for (const auto& entry : t.w.store->read_usage({}).value())
    calls[entry.model] += entry.calls;
  CHECK(calls == std::map<std::string, std::uint64_t>{{"one/m", 101}, {"two/m", 1}});
}

// --- the race itself ---

struct racing {
  std::shared_ptr<model_signal> model = std::make_shared<model_signal>();
  std::vector<call_race::lane> told;
  instant now{1'000};
  call_race race{[this] { return now; }, [this](call_race::lane at) { told.push_back(at); }};
  racing() {
    race.enter(call_race::first, model);
    race.enter(call_race::second, model);
  }
};

TEST_CASE("who speaks first is heard, whatever the order of the two threads", "[actors][hedge]") {
  auto r = racing{};
  SECTION("before there is a second attempt, nobody is told") {
    CHECK(r.race.piece(call_race::first, 3));
    CHECK(r.told.empty());
    r.race.begin_second();
    CHECK(r.race.is_decided());
  }
  SECTION("after it, the tier is told once") {
    r.race.begin_second();
    CHECK_FALSE(r.race.is_decided());
    CHECK(r.race.piece(call_race::second, 3));
    CHECK_FALSE(r.race.piece(call_race::first, 5));
    CHECK(r.race.piece(call_race::second, 4));
    CHECK(r.told == std::vector<call_race::lane>{call_race::second});
    CHECK(r.race.bytes(call_race::first) == 5);
    CHECK(r.race.bytes(call_race::second) == 7);
  }
  SECTION("a whole answer counts only if the other one has not begun") {
    r.race.begin_second();
    CHECK(r.race.claim(call_race::first));
    CHECK_FALSE(r.race.claim(call_race::second));
    CHECK_FALSE(r.race.piece(call_race::second, 1));
    CHECK(r.told.empty());
  }
}

TEST_CASE("a race times what was sent, once each", "[actors][hedge]") {
  auto r = racing{};
  CHECK_FALSE(r.race.sent_at(call_race::first).has_value());
  r.race.give_up(call_race::second);  // never sent: nothing to learn
  for (auto i = 0; i < 99; ++i)
    r.model->note_first_token(50ms);
  CHECK_FALSE(r.model->first_token_p95().has_value());
  r.race.sent(call_race::first);
  CHECK(r.race.sent_at(call_race::first) == instant{1'000});
  r.now = instant{1'050};
  CHECK(r.race.piece(call_race::first, 1));
  CHECK(r.race.piece(call_race::first, 1));
  REQUIRE(r.model->first_token_p95().has_value());
  CHECK(*r.model->first_token_p95() < 60ms);
}

TEST_CASE("what was cancelled before it began was slow", "[actors][hedge]") {
  auto r = racing{};
  for (auto i = 0; i < 99; ++i)
    r.model->note_first_token(i < 94 ? 50ms : 2'000ms);
  r.race.sent(call_race::first);
  r.now = instant{3'000};
  SECTION("given up after two seconds: six of 100 are slow") {
    r.race.give_up(call_race::first);
    CHECK(*r.model->first_token_p95() > 1'999ms);
  }
  SECTION("had it begun at once, five of 100 were slow") {
    r.now = instant{1'050};
    CHECK(r.race.piece(call_race::first, 1));
    r.race.give_up(call_race::first);
    CHECK(*r.model->first_token_p95() < 60ms);
  }
}

}  // namespace
}  // namespace persona_runtime
