// The process stops after any append; the store fails at any call: nothing acknowledged is lost,
// nothing is done twice.

#include "bootstrap/engine/metrics.hpp"
#include "tests/actors/play.hpp"
#include "tests/support/noted_log.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using testing::fault_store;

/// Runs the story; what was appended.
std::vector<journal_append> whole_story() {
  auto store = std::make_shared<taped_store>();
  auto options = world_options{};
  options.store = store;
  world w{options};
  w.start();
  REQUIRE(play(w));
  REQUIRE(w.view().output == "Berth 4 is yours.");
  return store->tape;
}

/// Side effects that these appends say had begun.
std::set<std::string> begun(const std::vector<journal_append>& tape, std::size_t count,
                            setup_ptr setup) {
  auto state = run_state{};
  state.setup = std::move(setup);
  auto keys = std::set<std::string>{};
  for (auto i = std::size_t{0}; i < count; ++i) {
    for (const auto& r : decode_body(tape[i].body.view()).value()) {
      if (const auto* call = std::get_if<fact::tool_started>(&r.body))
        keys.insert(tape[i].run.value + "/" + std::to_string(state.step.value) + "/"
                    + std::to_string(call->call.value));
      ::persona_runtime::apply(state, r.body);
    }
  }
  return keys;
}

TEST_CASE("FIX-03 stopped after each append in turn, a run reaches the same output",
          "[actors][durability]") {
  const auto tape = whole_story();
  REQUIRE(tape.size() >= 9);
  for (auto count = std::size_t{1}; count < tape.size(); ++count) {
    INFO("stopped after append " << count << " of " << tape.size());
    auto options = world_options{};
    options.store = std::shared_ptr<journal_store>{make_memory_store()};
    for (auto i = std::size_t{0}; i < count; ++i)
      REQUIRE(options.store->append(std::span{&tape[i], 1}).value().front()
              == append_verdict::committed);
    options.resumes = true;
    world w{options};
    const auto before = begun(tape, count, w.setup);
    REQUIRE(play(w));
    CHECK(w.view().status == run_status::completed);
    CHECK(w.view().output == "Berth 4 is yours.");
    CHECK(w.view().steps.size() == 4);
    CHECK(w.count("resumed") == 1);
    check_journal(w);
    check_no_orphans(w);
    for (const auto& call : w.tool("write").desk.calls)
      CHECK_FALSE(before.contains(call->request.idempotency_key));
    // whatever had been written is still there, byte by byte
    const auto now = w.store->read_run(w.run).value();
    for (auto i = std::size_t{0}; i < count; ++i)
      CHECK(now.at(i).body == tape[i].body);
  }
}

TEST_CASE("a server is not ready until every unfinished run has its seat again",
          "[actors][durability]") {
  constexpr auto runs = 450;  // three pages
  auto options = world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    world w{options};
    for (auto i = 0; i < runs; ++i) {
      w.run = {"run_" + std::to_string(i)};
      w.start();
    }
  }
  const auto log = std::make_shared<noted_log>();
  options.log = log;
  world w{options};
  CHECK(not_ready_reason(*w.actors.counters).empty());
  caf::anon_send(w.actors.supervisor, resume_all{});
  for (auto i = 0; i < 100 && !w.actors.counters->resuming; ++i)
    REQUIRE(w.step());
  CHECK(not_ready_reason(*w.actors.counters).starts_with("resuming"));
  CHECK(w.actors.counters->runs_resumed < runs);
  w.settle();
  CHECK(not_ready_reason(*w.actors.counters).empty());
  CHECK(w.actors.counters->runs_resumed == runs);
  const auto said = log->saying("unfinished runs are taken up again");
  REQUIRE(said.size() == 1);
  CHECK(said[0].fields == "resumed=450 queued=0");
}

TEST_CASE("stopped again and again, a run still reaches its output", "[actors][durability]") {
  auto options = world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  auto keys = std::set<std::string>{};
  auto lives = 0;
  for (auto over = false; !over && lives < 40; ++lives) {
    world w{options};
    if (!options.resumes)
      w.start();
    options.resumes = true;
    for (auto i = 0; i < 2 && play_once(w); ++i) {
    }
    const auto row = w.store->find_run(w.run).value();
    if (row->status == run_status::awaiting_user)
      CHECK_FALSE(w.answer("Yes."));
    over = is_terminal(w.store->find_run(w.run).value()->status);
    for (const auto& call : w.tool("write").desk.calls)
      CHECK(keys.insert(call->request.idempotency_key).second);
  }
  CHECK(lives < 40);
  world last{options};
  CHECK(last.view().output == "Berth 4 is yours.");
  CHECK(last.count("finished") == 1);
}

TEST_CASE("a store that fails at any one call: the run ends, nothing is lost",
          "[actors][durability]") {
  auto calls_of_a_run = std::uint64_t{0};
  for (auto nth = std::uint64_t{1}; nth <= 200; ++nth) {
    INFO("call " << nth << " fails");
    auto store = std::make_shared<fault_store>(make_memory_store());
    const auto plan = store->plan();
    auto options = world_options{};
    options.store = store;
    world w{options};
    plan->fail_nth(nth);
    w.start();
    REQUIRE(play(w));
    calls_of_a_run = plan->calls();
    plan->fail_none();
    CHECK(w.view().status == run_status::completed);
    CHECK(w.view().output == "Berth 4 is yours.");
    CHECK(w.view().steps.size() == 4);
    check_journal(w);
    check_no_orphans(w);
    if (nth > calls_of_a_run)
      break;
  }
  CHECK(calls_of_a_run < 200);
}

TEST_CASE("a store that fails at any one call of a resumption: the run goes on",
          "[actors][durability]") {
  const auto tape = whole_story();
  for (auto nth = std::uint64_t{1}; nth <= 12; ++nth) {
    INFO("call " << nth << " fails");
    auto inner = make_memory_store();
    for (auto i = std::size_t{0}; i < 4; ++i)
      REQUIRE(inner->append(std::span{&tape[i], 1}).has_value());
    auto store = std::make_shared<fault_store>(std::move(inner));
    auto options = world_options{};
    options.store = store;
    store->plan()->fail_nth(nth);
    options.resumes = true;
    world w{options};
    REQUIRE(play(w));
    store->plan()->fail_none();
    CHECK(w.view().status == run_status::completed);
    check_journal(w);
    check_no_orphans(w);
  }
}

TEST_CASE("D-10 while the store fails nothing starts; afterwards everything goes on",
          "[actors][durability]") {
  auto store = std::make_shared<fault_store>(make_memory_store());
  const auto plan = store->plan();
  auto options = world_options{};
  options.store = store;
  world w{options};
  w.start();
  plan->fail_all(true);
  w.model_answers(calls({call_of("write")}));
  w.advance(std::chrono::seconds{5});
  CHECK(w.tool("write").desk.calls.empty());  // durable before it begins
  CHECK_FALSE(w.actors.counters->journal_available);
  plan->fail_all(false);
  w.advance(std::chrono::seconds{1});
  CHECK(w.actors.counters->journal_available);
  CHECK(w.tool("write").desk.calls.size() == 1);
}

TEST_CASE("D-10 nothing is shown before it is durable", "[actors][durability]") {
  auto store = std::make_shared<fault_store>(make_memory_store());
  const auto plan = store->plan();
  auto options = world_options{};
  options.store = store;
  world w{options};
  auto shown = std::size_t{0};
  const auto follower = w.sys.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->send(w.actors.journal, follow_commits{});
    return {[&](const publish_events& msg) { shown += msg.bodies.size(); }};
  });
  w.start();
  const auto before = shown;
  CHECK(before > 0);
  plan->fail_all(true);
  w.model_answers(calls({call_of("write")}));
  w.advance(std::chrono::seconds{5});
  CHECK(shown == before);
  plan->fail_all(false);
  w.advance(std::chrono::seconds{1});
  CHECK(shown > before);
  caf::anon_send_exit(follower, caf::exit_reason::kill);
  w.settle();
}

TEST_CASE("a crash while the store fails counts once", "[actors][durability]") {
  auto store = std::make_shared<fault_store>(make_memory_store());
  const auto plan = store->plan();
  auto options = world_options{};
  options.store = store;
  world w{options};
  w.start();
  plan->fail_all(true);
  w.model_answers(calls({call_of("search")}));  // its append waits
  w.crash_run();
  w.advance(std::chrono::seconds{3});
  plan->fail_all(false);
  w.advance(std::chrono::seconds{2});
  CHECK(w.actors.counters->run_crashes == 1);
  CHECK(w.count("resumed") == 1);
  w.tool_answers("search", result_of("x"));
  CHECK(w.view().steps.size() == 1);
}

}  // namespace
}  // namespace persona_runtime
