// What runs, turns and the work behind them add to the totals, on virtual time.

#include "tests/support/chat_world.hpp"
#include "tests/support/fault_store.hpp"

namespace persona_runtime {
namespace {

using namespace test;

/// Everything that was counted, as one sum.
usage_entry total(journal_store& store) {
  auto filter = usage_filter{};
  filter.by_owner = filter.by_persona = filter.by_day = filter.by_model = false;
  const auto all = store.read_usage(filter).value();
  return all.empty() ? usage_entry{} : all.front();
}

void check_same(const usage_entry& counted, const usage_view& shown) {
  CHECK(counted.calls == shown.model_calls);
  CHECK(counted.prompt_tokens == shown.prompt_tokens);
  CHECK(counted.completion_tokens == shown.completion_tokens);
  REQUIRE(shown.cost_cents);
  CHECK(counted.cents == Approx(*shown.cost_cents));
  CHECK((counted.estimated > 0) == shown.estimated);
}

world_options over_one_store() {
  auto options = world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  return options;
}

TEST_CASE_METHOD(world, "usage: what a run shows of itself is what is counted, by model",
                 "[actors][usage]") {
  start();
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("berth 4"));
  model_answers(says("[FINAL] Berth 4 is free."));
  const auto all = store->read_usage({}).value();
  REQUIRE(all.size() == view().by_model.size());
  for (const auto& entry : all) {
    CHECK(entry.owner == spec.owner);
    CHECK(entry.persona == spec.persona);
    check_same(entry, view().by_model.at(entry.model));
  }
  check_same(total(*store), view().usage);
}

TEST_CASE_METHOD(world, "usage: a cancelled call counts once, with its prompt", "[actors][usage]") {
  start();
  request_cancel("changed my mind");
  CHECK(total(*store).calls == 1);
  CHECK(total(*store).estimated == 1);
  check_same(total(*store), view().usage);
}

TEST_CASE_METHOD(world, "usage: a crash counts nothing twice", "[actors][usage]") {
  start();
  model_answers(calls({call_of("search")}));
  tool_answers("search", result_of("berth 4"));
  crash_run();
  settle();
  model_answers(says("[FINAL] ok"));
  CHECK(view().status == run_status::completed);
  check_same(total(*store), view().usage);
}

TEST_CASE("usage: a run that another process takes up adds to what is there", "[actors][usage]") {
  auto options = over_one_store();
  {
    world before{options};
    before.start();
    before.model_answers(calls({call_of("search")}));
  }
  options.resumes = true;
  world after{options};
  after.tool_answers("search", result_of("berth 4"));
  after.model_answers(says("[FINAL] ok"));
  check_same(total(*after.store), after.view().usage);
}

TEST_CASE("usage: a turn is counted in its own transactions, and for its conversation",
          "[actors][usage]") {
  chat_world w;
  w.say("Is berth 4 free?");
  w.model_answers(says("It is."));
  const auto once = total(*w.store);
  CHECK(once.calls == 1);
  CHECK(once.prompt_tokens == 10);
  CHECK(once.completion_tokens == 5);
  CHECK(once.cents == Approx(0.02));
  CHECK(w.store->read_spent(w.talk).value().cents == Approx(0.02));
  const auto entry = w.store->read_usage({}).value().at(0);
  CHECK(entry.owner == w.row().owner);
  CHECK(entry.persona == w.row().persona);
}

TEST_CASE("usage: a turn that a crash left open counts its lost call once", "[actors][usage]") {
  auto options = over_one_store();
  {
    chat_world w{options};
    w.say("Is berth 4 free?");
  }
  CHECK(total(*options.store).calls == 0);
  options.resumes = true;
  chat_world w{options, false};
  CHECK(w.messages()[1].status == message_status::interrupted);
  CHECK(total(*w.store).calls == 1);
  CHECK(total(*w.store).estimated == 1);
}

TEST_CASE("usage: folding behind the turns is counted, but not for the conversation",
          "[actors][usage]") {
  chat_world w;
  for (auto i = 0; i < 6; ++i) {
    w.say("ask " + std::to_string(i));
    w.model_answers(says("answer"));
  }
  const auto before = total(*w.store);
  const auto spent = w.store->read_spent(w.talk).value();
  REQUIRE(w.model->desk.waiting() != nullptr);
  w.model_answers(says("They met."));
  w.advance(100ms);
  CHECK(total(*w.store).calls == before.calls + 1);
  CHECK(w.store->read_spent(w.talk).value() == spent);
}

TEST_CASE("usage: a model without a price is counted without one", "[actors][usage]") {
  auto free_of_price = a_model("anthropic", "new-model");
  free_of_price.price.reset();
  auto options = world_options{};
  options.tiers = {{"frontier", {free_of_price}}};
  world w{std::move(options)};
  w.start();
  w.model_answers(says("[FINAL] ok"));
  CHECK(total(*w.store).unpriced == 1);
  CHECK(total(*w.store).cents == 0);
  CHECK_FALSE(w.view().usage.cost_cents.has_value());
}

usage_entry one_call() {
  auto out = usage_entry{};
  out.owner = owner_id{"alice"};
  out.model = "anthropic/mid-model";
  out.calls = 1;
  out.cents = 0.5;
  return out;
}

TEST_CASE("usage of no append that comes together is one commit", "[actors][usage]") {
  auto store = std::make_shared<testing::fault_store>(make_memory_store());
  auto options = world_options{};
  options.store = store;
  auto w = world{options};
  const auto before = store->plan()->calls();
  for (auto i = 0; i < 100; ++i)
    w.actors.usage->add({one_call()}, {});
  w.settle();
  CHECK(store->plan()->calls() == before);
  w.advance(100ms);
  CHECK(store->plan()->calls() == before + 1);
  CHECK(total(*store).calls == 100);
}

TEST_CASE("usage is there for whoever asks the journal to settle", "[actors][usage]") {
  auto w = world{};
  w.actors.usage->add({one_call()}, {});
  caf::anon_send(w.actors.journal, settle_appends{});
  w.settle();
  CHECK(total(*w.store).calls == 1);
}

TEST_CASE("usage that could not be committed is, once the journal can be written",
          "[actors][usage]") {
  auto store = std::make_shared<testing::fault_store>(make_memory_store());
  auto options = world_options{};
  options.store = store;
  auto w = world{options};
  store->plan()->fail_all(true);
  w.actors.usage->add({one_call()}, {});
  w.settle();
  w.advance(100ms);
  CHECK_FALSE(w.actors.counters->journal_available);
  w.actors.usage->add({one_call()}, {});
  w.advance(5s);
  store->plan()->fail_all(false);
  CHECK(total(*store).calls == 0);
  w.advance(1s);
  CHECK(total(*store).calls == 2);
  CHECK(w.actors.counters->journal_available);
}

TEST_CASE("usage beyond what may wait for the journal is refused", "[actors][usage]") {
  auto store = std::make_shared<testing::fault_store>(make_memory_store());
  auto options = world_options{};
  options.store = store;
  auto w = world{options};
  store->plan()->fail_all(true);
  constexpr auto most = 10'000;
  for (auto i = 0; i < most + 7; ++i)
    w.actors.usage->add({one_call()}, {});
  w.advance(100ms);
  store->plan()->fail_all(false);
  w.advance(2s);
  CHECK(total(*store).calls == most);
}

}  // namespace
}  // namespace persona_runtime
