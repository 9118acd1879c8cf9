// Admission, queue, crashes, deadlines, drain.

#include "actors/supervisor_state.hpp"
#include "messages/errors.hpp"
#include "tests/actors/play.hpp"

namespace persona_runtime {
namespace {

using namespace test;
using testing::fault_store;

world_options limits(std::size_t live, std::size_t queued) {
  auto o = world_options{};
  o.supervisor.runs_live_max = live;
  o.supervisor.runs_queued_max = queued;
  return o;
}

/// Starts run number `n`; the failure, or none.
std::optional<failure> start_number(world& w, int n, std::string key = {}) {
  auto self = caf::scoped_actor{w.sys};
  auto own = w.spec;
  own.task_size = {3, 4};
  auto text = encode_setup(*w.setup);
  own.setup_hash = sha256_text(text);
  w.run = {"run_01JD000000000000000000000" + std::to_string(n)};
  auto pending = self->request(w.actors.supervisor, caf::infinite,
                               start_run{w.run, std::make_shared<const run_spec>(own), w.setup,
                                         shared_text{std::move(text)}, std::move(key), "hash"});
  w.settle();
  auto refused = std::optional<failure>{};
  pending.receive([](const run_accepted&) {},
                  [&](const caf::error& e) { refused = to_failure(e); });
  return refused;
}

TEST_CASE("over the limits a run is refused at once, with overloaded", "[actors][supervisor]") {
  world w{limits(1, 1)};
  CHECK_FALSE(start_number(w, 1));
  CHECK_FALSE(start_number(w, 2));
  const auto refused = start_number(w, 3);
  REQUIRE(refused);
  CHECK(refused->code == errc::overloaded);
  CHECK(refused->retry_after);
  CHECK(w.store->read_run(w.run).value().empty());
  CHECK(w.actors.counters->full);
  CHECK(w.actors.counters->runs_live == 1);
  CHECK(w.actors.counters->runs_queued == 1);
}

TEST_CASE("a queued run begins when a live one ends", "[actors][supervisor]") {
  world w{limits(1, 5)};
  REQUIRE_FALSE(start_number(w, 1));
  REQUIRE_FALSE(start_number(w, 2));
  CHECK(w.model->desk.calls.size() == 1);
  CHECK(w.events() == std::vector<std::string>{"started"});  // accepted, and no more
  CHECK(w.view().status == run_status::running);
  w.model_answers(says("[FINAL] one"));
  REQUIRE(w.model->desk.calls.size() == 2);
  w.model_answers(says("[FINAL] two"));
  CHECK(w.view().output == "two");
  CHECK(w.actors.counters->runs_live == 0);
}

TEST_CASE("a queued run is cancelled without ever calling a model", "[actors][supervisor]") {
  world w{limits(1, 5)};
  REQUIRE_FALSE(start_number(w, 1));
  REQUIRE_FALSE(start_number(w, 2));
  w.request_cancel("not needed");
  CHECK(w.view().status == run_status::cancelled);
  CHECK(w.model->desk.calls.size() == 1);
  CHECK(w.actors.counters->runs_queued == 0);
  REQUIRE_FALSE(start_number(w, 3));
  CHECK(w.actors.counters->runs_queued == 1);
}

TEST_CASE("a queued run's deadline counts", "[actors][supervisor]") {
  world w{limits(1, 5)};
  REQUIRE_FALSE(start_number(w, 1));
  w.spec.limits.deadline_s = 1;
  const auto since = w.sched.clock().now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  w.spec.limits.deadline = instant{ms + 1'000};
  REQUIRE_FALSE(start_number(w, 2));
  w.advance(900ms);
  CHECK(w.count("finished") == 0);
  w.advance(200ms);
  CHECK(w.view().status == run_status::budget_exhausted);
}

TEST_CASE_METHOD(world, "the third crash within 60 s ends a run with crash_loop",
                 "[actors][supervisor]") {
  start();
  for (auto i = 0; i < 2; ++i) {
    crash_run();
    settle();
    CHECK(count("finished") == 0);
  }
  crash_run();
  settle();
  CHECK(view().status == run_status::error);
  CHECK(view().error_kind == "crash_loop");
  CHECK(count("resumed") == 2);
  CHECK(model->desk.waiting() == nullptr);
  CHECK(actors.counters->run_crashes == 3);
  CHECK(actors.counters->runs_error == 1);
  CHECK(actors.counters->runs_live == 0);
  check_journal(*this);
}

TEST_CASE_METHOD(world, "crashes further apart do not add up", "[actors][supervisor]") {
  start();
  for (auto i = 0; i < 5; ++i) {
    crash_run();
    advance(31s);
  }
  CHECK(count("resumed") == 5);
  model_answers(says("[FINAL] alive"));
  CHECK(view().output == "alive");
}

TEST_CASE_METHOD(world, "D-10 a crash cancels the calls of the dead incarnation",
                 "[actors][supervisor]") {
  start();
  model_answers(calls({call_of("write", "w"), call_of("search", "s")}));
  crash_run();
  settle();
  CHECK(tool("write").desk.calls.at(0)->cancelled);
  CHECK(tool("write").desk.calls.size() == 1);  // not repeated
  CHECK(tool("search").desk.calls.at(0)->cancelled);
  CHECK(tool("search").desk.calls.size() == 2);
  CHECK(tool("search").desk.calls[0]->request.idempotency_key
        == tool("search").desk.calls[1]->request.idempotency_key);
  tool("search").desk.calls[0]->done(result_of("late"));
  settle();
  CHECK(count("tool_result") == 1);  // the unknown outcome
}

TEST_CASE_METHOD(world, "the deadline ends a run at the next sweep", "[actors][supervisor]") {
  spec.limits.deadline_s = 2;
  const auto since = sched.clock().now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  spec.limits.deadline = instant{ms + 2'000};
  start();
  for (auto i = 0; i < 19; ++i)
    advance(100ms);
  CHECK(count("finished") == 0);
  advance(100ms);
  CHECK(view().status == run_status::budget_exhausted);
  CHECK(model->desk.calls.at(0)->cancelled);
}

TEST_CASE("a deadline that passes while a run has no actor is not forgotten",
          "[actors][supervisor]") {
  auto store = std::make_shared<fault_store>(make_memory_store());
  const auto plan = store->plan();
  auto options = world_options{};
  options.store = store;
  world w{options};
  w.spec.limits.deadline_s = 2;
  const auto since = w.sched.clock().now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  w.spec.limits.deadline = instant{ms + 2'000};
  w.start();
  plan->fail_all(true);
  w.crash_run();
  w.advance(5s);
  plan->fail_all(false);
  w.advance(2s);
  CHECK(w.view().status == run_status::budget_exhausted);
}

TEST_CASE("FIX-02 a question that nobody answers in time", "[actors][supervisor]") {
  auto options = world_options{};
  options.supervisor.question_timeout = 10s;
  world w{options};
  w.start();
  w.model_answers(says("[ASK_USER] Where?"));
  w.advance(9'900ms);
  CHECK(w.journalled().status == run_status::awaiting_user);
  w.advance(200ms);
  CHECK(w.journalled().status == run_status::running);
  CHECK(w.last_request().context.back()->content.view() == w.setup->texts.no_answer);
  w.model_answers(says("[FINAL] x"));
  CHECK_FALSE(w.view().steps.at(0).user_answer);
}

TEST_CASE("a question's time runs on while its run is down", "[actors][supervisor]") {
  auto options = world_options{};
  options.supervisor.question_timeout = 10s;
  world w{options};
  w.start();
  w.model_answers(says("[ASK_USER] Where?"));
  for (auto i = 0; i < 2; ++i) {
    w.advance(4s);
    w.crash_run();
    w.settle();
  }
  CHECK(w.count("resumed") == 2);
  w.advance(1'900ms);
  CHECK(w.journalled().status == run_status::awaiting_user);
  w.advance(200ms);
  CHECK(w.journalled().status == run_status::running);
  w.model_answers(says("[ASK_USER] When?"));  // the next one has its own ten seconds
  w.advance(9'800ms);
  CHECK(w.journalled().status == run_status::awaiting_user);
}

TEST_CASE_METHOD(world, "drain: no new runs, no further steps, and what was held is written",
                 "[actors][supervisor]") {
  start();
  auto self = caf::scoped_actor{sys};
  auto drained = false;
  auto pending = self->request(actors.supervisor, caf::infinite, drain{});
  settle();
  CHECK(actors.counters->draining);
  model_answers(calls({call_of("search")}));
  CHECK(tool("search").desk.waiting() != nullptr);  // the step goes on to its end
  tool_answers("search", result_of("berth 4"));
  CHECK(view().steps.size() == 1);  // the result was held for the next step's append
  CHECK(model->desk.calls.size() == 1);
  pending.receive([&](const done&) { drained = true; }, [](const caf::error&) {});
  CHECK(drained);
  auto again = caf::scoped_actor{sys};
  const auto before = run;
  CHECK(start_number(*this, 2)->code == errc::overloaded);
  run = before;
  CHECK(count("finished") == 0);  // it goes on when the process comes back
}

TEST_CASE_METHOD(world, "a drain with nothing under way is answered at once",
                 "[actors][supervisor]") {
  start();
  model_answers(says("[ASK_USER] Where?"));
  auto self = caf::scoped_actor{sys};
  auto pending = self->request(actors.supervisor, caf::infinite, drain{});
  settle();
  auto drained = false;
  pending.receive([&](const done&) { drained = true; }, [](const caf::error&) {});
  CHECK(drained);
}

TEST_CASE_METHOD(world, "an idempotency key is taken once per owner", "[actors][supervisor]") {
  REQUIRE_FALSE(start_number(*this, 1, "key"));
  const auto refused = start_number(*this, 2, "key");
  REQUIRE(refused);
  CHECK(refused->code == errc::idempotency_key_reused);
  CHECK(actors.counters->runs_live == 1);
  spec.owner = {"bob"};
  CHECK_FALSE(start_number(*this, 3, "key"));
}

TEST_CASE_METHOD(world, "other owners' runs do not exist; an admin sees all",
                 "[actors][supervisor]") {
  start();
  auto self = caf::scoped_actor{sys};
  const auto cancel_as = [&](asker who) {
    auto pending = self->request(actors.supervisor, caf::infinite, cancel_run{run, who, {}});
    settle();
    auto code = std::optional<errc>{};
    pending.receive([](const run_ended&) {},
                    [&](const caf::error& e) { code = to_failure(e).code; });
    return code;
  };
  CHECK(cancel_as({{"bob"}, false}) == errc::run_not_found);
  CHECK(count("cancelled") == 0);
  CHECK_FALSE(cancel_as({{"root"}, true}));
  CHECK(view().status == run_status::cancelled);
  CHECK(cancel_as({{"root"}, true}) == errc::run_not_found);  // no live one any more
}

TEST_CASE("the supervisor's rules: live, queued, forgotten", "[actors][supervisor]") {
  auto rules = supervisor_state{{2, 1, 3, std::chrono::milliseconds{60'000}}};
  for (const auto* run : {"a", "b", "c"}) {
    REQUIRE(rules.admit().has_value());
    rules.enter({run}, {});
  }
  CHECK(rules.admit().error().code == errc::overloaded);
  CHECK(rules.is_live({"b"}));
  CHECK_FALSE(rules.is_live({"c"}));
  CHECK_FALSE(rules.next_queued());
  rules.forget({"a"});
  CHECK(rules.next_queued() == run_id{"c"});
  CHECK(rules.is_live({"c"}));
  rules.forget({"zz"});
  rules.journal_available = false;
  CHECK(rules.admit().error().code == errc::journal_unavailable);
  rules.draining = true;
  CHECK(rules.admit().error().code == errc::overloaded);
}

TEST_CASE("deadlines and questions fall due once, at their time", "[actors][supervisor]") {
  auto limits_now = supervisor_limits{};
  limits_now.question_timeout = std::chrono::milliseconds{500};
  auto rules = supervisor_state{limits_now};
  auto l = run_limits{};
  l.deadline = instant{1'000};
  rules.enter({"a"}, l);
  rules.enter({"b"}, {});
  rules.await_answer({{"b"}, {}, {4}, {}}, {300});
  rules.await_answer({{"gone"}, {}, {}, {}}, {300});
  CHECK(rules.take_due({799}).empty());
  const auto question = rules.take_due({800});
  REQUIRE(question.size() == 1);
  CHECK(question[0].run == run_id{"b"});
  CHECK(question[0].question->step == step_index{4});
  rules.await_answer({{"b"}, {}, {5}, {}}, {800});
  rules.await_answer({{"b"}, {}, {6}, {}}, {900});  // replaces the one before
  const auto deadline = rules.take_due({1'399});
  REQUIRE(deadline.size() == 1);
  CHECK(deadline[0].deadline);
  rules.forget({"b"});
  CHECK(rules.take_due({100'000}).empty());
}

TEST_CASE("crashes are counted within their window", "[actors][supervisor]") {
  auto rules = supervisor_state{};
  rules.enter({"a"}, {});
  CHECK(rules.may_restart({"a"}, {0}));
  CHECK(rules.may_restart({"a"}, {59'999}));
  CHECK(rules.may_restart({"a"}, {60'000}));  // the first one is out of it
  CHECK_FALSE(rules.may_restart({"a"}, {60'001}));
}

}  // namespace
}  // namespace persona_runtime
