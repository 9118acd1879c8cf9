// Spending caps: the books, and runs and turns that go by them, on virtual time.

#include "tests/support/chat_world.hpp"

namespace persona_runtime {
namespace {

using namespace test;

const owner_id payer{"alice"};
const persona_id mira{"persona_1"};
constexpr auto one_day = std::int64_t{86'400'000};

usage_entry took(double cents, std::int64_t on_day = 0, std::uint64_t unpriced = 0) {
  auto e = usage_entry{payer, mira, {on_day}, "openai/a"};
  e.calls = 1;
  e.cents = cents;
  e.unpriced = unpriced;
  return e;
}

/// Asks for a call that costs `cents`; true when it is granted.
bool asks(spending& books, const std::string& run, double spent, double cents, instant at = {0}) {
  const auto ledger = [&](std::optional<double> left) -> budget_answer {
    if (left && *left < cents)
      return budget_refusal{budget_kind::cost_cents, spent + *left, spent, cents};
    return budget_grant{{100, cents}, 50};
  };
  return std::holds_alternative<budget_grant>(books.reserve({run}, {10, spent}, at, ledger));
}

void note(spending& books, const usage_entry& entry, const std::string& by = "") {
  books.note({&entry, 1}, {by});
}

TEST_CASE("D-26 a day's cap is shared by all that is under way", "[actors][spending]") {
  auto books = spending{};
  books.open({"a"}, payer, mira, {}, 10.0);
  books.open({"b"}, payer, mira, {}, 10.0);
  CHECK(asks(books, "a", 0, 6));
  CHECK_FALSE(asks(books, "b", 0, 5));  // 6 are set aside
  CHECK(asks(books, "b", 0, 4));
  note(books, took(2), "a");
  CHECK(asks(books, "a", 2, 4));  // its own reservation is replaced
  CHECK_FALSE(asks(books, "a", 2, 4.1));
}

TEST_CASE("D-26 what is spent and not committed yet counts once", "[actors][spending]") {
  auto books = spending{};
  books.open({"a"}, payer, mira, {}, 10.0);
  books.open({"b"}, payer, mira, {}, 10.0);
  CHECK(asks(books, "a", 0, 6));
  CHECK(asks(books, "a", 5, 1));  // 5 are spent; nothing is committed
  CHECK_FALSE(asks(books, "b", 0, 4.5));
  CHECK(asks(books, "b", 0, 4));
  note(books, took(5), "a");
  CHECK(asks(books, "b", 0, 4));
  CHECK_FALSE(asks(books, "b", 0, 4.5));
  books.close({"a"});
  CHECK(asks(books, "b", 0, 5));
}

TEST_CASE("D-26 the day is UTC, and the next one is a new one", "[actors][spending]") {
  auto books = spending{};
  books.open({"a"}, payer, mira, {}, 10.0);
  note(books, took(9.5));
  CHECK_FALSE(asks(books, "a", 0, 1, {one_day - 1}));
  CHECK(asks(books, "a", 0, 1, {one_day}));
  note(books, took(8, 1), "a");
  CHECK_FALSE(asks(books, "a", 8, 3, {one_day + 1}));
  note(books, took(100));  // late, of the day before
  CHECK(asks(books, "a", 8, 2, {one_day + 1}));
}

TEST_CASE("D-26 what a persona has cost its owner today", "[actors][spending]") {
  auto books = spending{};
  CHECK(books.cents_of_day(payer, mira, {0}) == 0);
  note(books, took(9.5));
  CHECK(books.cents_of_day(payer, mira, {one_day - 1}) == 9.5);
  CHECK(books.cents_of_day(payer, mira, {one_day}) == 0);
  CHECK(books.cents_of_day({"bob"}, mira, {0}) == 0);
}

TEST_CASE("D-26 caps are per owner and persona", "[actors][spending]") {
  auto books = spending{};
  note(books, took(10));
  books.open({"a"}, {"bob"}, mira, {}, 10.0);
  books.open({"b"}, payer, {"persona_2"}, {}, 10.0);
  books.open({"c"}, payer, mira, {}, 10.0);
  CHECK(asks(books, "a", 0, 5));
  CHECK(asks(books, "b", 0, 5));
  CHECK_FALSE(asks(books, "c", 0, 5));
  CHECK(asks(books, "unknown", 0, 1'000));  // has no caps
}

TEST_CASE("D-26 books that begin with what an earlier process spent", "[actors][spending]") {
  const auto before = took(7);
  auto books = spending{{&before, 1}};
  books.open({"a"}, payer, mira, {}, 10.0);
  CHECK(asks(books, "a", 7, 3));  // the 7 were its own: they are in the books
  CHECK_FALSE(asks(books, "a", 7, 3.5));
}

TEST_CASE("D-26 a day with a call without a price is closed: it cannot be bounded",
          "[actors][spending]") {
  auto books = spending{};
  books.open({"a"}, payer, mira, {}, 10.0);
  note(books, took(0, 0, 1));
  CHECK_FALSE(asks(books, "a", 0, 0.1));
  CHECK(asks(books, "a", 0, 0));
}

TEST_CASE("D-26 the cap of the turn itself, and which cap a refusal names", "[actors][spending]") {
  auto books = spending{};
  books.open({"a"}, payer, mira, 3.0, 10.0);
  CHECK(asks(books, "a", 1, 2));
  CHECK_FALSE(asks(books, "a", 1, 2.5));
  note(books, took(9));
  const auto answer = books.reserve({"a"}, {10, 1.0}, {0}, [](std::optional<double> left) {
    return budget_answer{budget_refusal{budget_kind::cost_cents, 1 + left.value(), 1, 5}};
  });
  const auto& refusal = std::get<budget_refusal>(answer);
  CHECK(refusal.limit == 10);
  CHECK(refusal.used == Approx(9));
}

world_options capped(const std::string& budget, std::shared_ptr<journal_store> store = nullptr) {
  auto options = world_options{};
  options.chat_persona_extra = "routing: {budget: {" + budget + "}}\n";
  options.store = store ? store : std::shared_ptr<journal_store>{make_memory_store()};
  return options;
}

TEST_CASE("D-26 a run ends at its persona's day cap, and says so", "[actors][spending]") {
  world w;
  w.actors.caps->set_caps(w.spec.persona, {{}, {}, 0.03});  // one call takes 0.02
  w.start();
  CHECK(w.view().status == run_status::budget_exhausted);
  CHECK(w.model->desk.calls.empty());
  CHECK(w.last<fact::budget>().limit == Approx(0.03));
}

TEST_CASE("D-26 a run is a session", "[actors][spending]") {
  world w;
  w.actors.caps->set_caps(w.spec.persona, {{}, 20.0, {}});
  w.start();
  REQUIRE(w.model->desk.calls.size() == 1);
  auto dear = calls({call_of("search")});
  dear.usage = {19'000, 400, false};
  w.model_answers(std::move(dear));
  w.tool_answers("search", result_of("berth 4"));
  CHECK(w.view().status == run_status::budget_exhausted);
  CHECK(w.model->desk.calls.size() == 1);
}

TEST_CASE("D-27 a capped persona is refused where a price is unknown", "[actors][spending]") {
  auto options = world_options{};
  auto unpriced = a_model("anthropic", "new-model");
  unpriced.price.reset();
  options.tiers.push_back({"extra", {unpriced}});
  world w{std::move(options)};
  w.actors.caps->set_caps(w.spec.persona, {{}, {}, 5.0});
  w.start();
  CHECK(w.store->read_run(w.run).value().empty());
}

TEST_CASE("D-26 the session cap of a conversation survives a restart", "[actors][spending]") {
  const auto store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    chat_world w{capped("max_cents_per_session: 20", store)};
    w.say("one");
    auto dear = says("Yes.");
    dear.usage = {11'000, 500, false};  // 12 cents
    w.model_answers(std::move(dear));
    CHECK(w.messages().back().status == message_status::complete);
    CHECK(w.store->read_spent(w.talk).value().cents == Approx(12));
  }
  auto options = capped("max_cents_per_session: 20", store);
  chat_world w{options, false};
  w.say("two");
  auto dear = says("Yes.");
  dear.usage = {7'900, 0, false};
  REQUIRE(w.model->desk.waiting() != nullptr);
  CHECK(w.last_request().reply_tokens_max < 4'096);  // cut to what is left
  w.model_answers(std::move(dear));
  w.say("three");
  CHECK(w.model->desk.waiting() == nullptr);
  CHECK(w.messages().back().status == message_status::error);
}

TEST_CASE("D-26 the day cap holds for turns, after a restart too", "[actors][spending]") {
  const auto store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    chat_world w{capped("max_cents_per_day: 12", store)};
    w.say("one");
    auto dear = says("Yes.");
    dear.usage = {11'000, 490, false};
    w.model_answers(std::move(dear));
  }
  auto options = capped("max_cents_per_day: 12", store);
  chat_world w{options, false};
  w.say("two");
  CHECK(w.model->desk.waiting() == nullptr);
  CHECK(w.messages().back().status == message_status::error);
}

/// A frontier of a dear and good model and a cheap and poor one.
world_options two_models(const std::string& budget) {
  auto options = capped(budget);
  options.chat_persona_extra =
    "routing: {tier_for_generation: frontier, intelligent: {enabled: true}, budget: {" + budget
    + "}}\n";
  auto dear = a_model("anthropic", "dear-model");
  auto poor = a_model("anthropic", "poor-model");
  poor.price = model_price{0.001, 0.001};
  options.traits = {{dear.label(), {1.0, 100}}, {poor.label(), {0.1, 100}}};
  options.tiers = {{"frontier", {dear, poor}}};
  return options;
}

TEST_CASE("D-26 the nearer the day's cap, the cheaper the model that is asked",
          "[actors][spending]") {
  chat_world w{two_models("max_cents_per_day: 13")};
  w.say("one");
  auto costly = says("Yes.");
  costly.usage = {11'000, 490, false};  // 12 cents of the dear one
  w.model_answers(std::move(costly));
  w.say("two");
  w.model_answers(says("Yes."));
  const auto newest_first = w.logs();
  REQUIRE(newest_first.size() == 2);
  CHECK(newest_first[1].find(R"("model_name":"dear-model")") != std::string::npos);
  CHECK(newest_first[0].find(R"("model_name":"poor-model")") != std::string::npos);
}

TEST_CASE("D-26 a turn's own cap", "[actors][spending]") {
  chat_world w{capped("max_cents_per_turn: 0")};
  w.say("one");
  CHECK(w.model->desk.waiting() == nullptr);
  CHECK(w.messages().back().status == message_status::error);
}

}  // namespace
}  // namespace persona_runtime
