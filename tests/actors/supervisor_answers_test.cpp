// Whoever waits at the supervisor is answered, whatever becomes of the run in the meantime.

#include "messages/errors.hpp"
#include "tests/actors/play.hpp"

namespace persona_runtime {
namespace {

using namespace test;

/// What a request comes to, without waiting for more than its time limit of 8 s.
struct verdict {
  std::optional<failure> refused;
  std::optional<run_status> ended;
};

auto send_cancel(caf::scoped_actor& self, world& w, const run_id& run) {
  return self->request<caf::message_priority::high>(w.actors.supervisor, 8s,
                                                    cancel_run{run, {w.spec.owner, false}, {}});
}

struct open_cancel {
  world& w;
  caf::scoped_actor self;
  decltype(send_cancel(self, w, {})) pending;

  open_cancel(world& in, const run_id& run)
    : w{in}, self{in.sys}, pending{send_cancel(self, in, run)} {}

  verdict wait() {
    w.settle();
    for (auto i = 0; i < 100 && !self->has_next_message(); ++i)
      w.advance(100ms);
    auto found = verdict{};
    pending.receive([&](const run_ended& end) { found.ended = end.status; },
                    [&](const caf::error& e) { found.refused = to_failure(e); });
    return found;
  }
};

/// All runs that the store knows count as unfinished: a page that is read late.
class late_listing_store final : public testing::passing_store {
public:
  late_listing_store() : passing_store{make_memory_store()} {}
  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    return inner_->append(batch);
  }
  std::unique_ptr<journal_reader> open_reader() override {
    return std::make_unique<late_reader>(inner_->open_reader());
  }

private:
  struct late_reader final : testing::faulty_reading<journal_reader> {
    explicit late_reader(std::unique_ptr<journal_reader> inner)
      : faulty_reading{std::move(inner), std::make_shared<testing::fault_plan>()} {}
    result<std::vector<run_row>> unfinished_runs(std::uint64_t, std::uint32_t limit) override {
      return inner_->list_runs({{}, {}, {}, {}, limit});
    }
  };
};

run_id number(int n) {
  return {"run_01JD000000000000000000000" + std::to_string(n)};
}

TEST_CASE_METHOD(world, "a cancel of a run that is not accepted in the end is answered",
                 "[actors][supervisor]") {
  test::send_start(*this, "key", "hash");
  settle();
  run = number(2);
  test::send_start(*this, "key", "hash");
  step();  // admitted; its acceptance is on its way to the journal
  auto cancelling = open_cancel{*this, run};
  const auto got = cancelling.wait();
  REQUIRE(got.refused);
  CHECK(got.refused->code == errc::idempotency_key_reused);
}

TEST_CASE("a cancel at any moment of a resumption is answered, also for a queued run",
          "[actors][supervisor]") {
  for (auto moment = 0; moment < 14; ++moment) {
    auto before = world_options{};
    before.store = std::shared_ptr<journal_store>{make_memory_store()};
    {
      world w{before};
      for (auto n = 1; n <= 2; ++n) {
        w.run = number(n);
        w.start();
      }
    }
    auto after = before;
    after.supervisor.runs_live_max = 1;
    world w{after};
    w.run = number(2);
    caf::anon_send(w.actors.supervisor, resume_all{});
    w.step(static_cast<std::size_t>(moment));
    auto cancelling = open_cancel{w, w.run};
    const auto got = cancelling.wait();
    CAPTURE(moment);
    if (got.ended)
      CHECK(got.ended == run_status::cancelled);
    else
      CHECK(got.refused->code == errc::run_not_found);  // not seated yet: nothing was begun
    CHECK(got.ended.has_value() == (w.view().status == run_status::cancelled));
    CHECK(w.actors.counters->runs_live == 1);
  }
}

TEST_CASE("a run that ended while its page was being read takes no room", "[actors][supervisor]") {
  auto options = world_options{};
  options.store = std::make_shared<late_listing_store>();
  options.supervisor.runs_live_max = 1;
  {
    world w{options};
    w.start();
    w.model_answers(says("[FINAL] done"));
  }
  options.resumes = true;
  world w{options};
  CHECK(w.actors.counters->runs_live == 0);
  CHECK(w.actors.counters->runs_completed == 0);  // counted by the process that saw it
  CHECK(w.actors.counters->runs_resumed == 0);
  w.run = number(2);
  w.start();
  CHECK(w.model->desk.calls.size() == 1);
}

TEST_CASE_METHOD(world, "an answer that was under way to a run that crashed is answered",
                 "[actors][supervisor]") {
  start();
  model_answers(says("[ASK_USER] Where?"));
  crash_run();
  auto answering = open_cancel{*this, number(9)};
  auto self = caf::scoped_actor{sys};
  auto pending =
    self->request(actors.supervisor, 8s, answer_run{run, {spec.owner, false}, "Here.", {1, 2}, {}});
  CHECK(answering.wait().refused->code == errc::run_not_found);
  settle();
  REQUIRE(self->has_next_message());  // long before its time limit
  auto code = std::optional<errc>{};
  pending.receive([](const done&) {}, [&](const caf::error& e) { code = to_failure(e).code; });
  CHECK(code == errc::journal_unavailable);  // it may be tried again
  CHECK_FALSE(answer("Here."));
}

/// What became of an answer; none: it was taken.
std::optional<errc> answer_now(world& w) {
  auto self = caf::scoped_actor{w.sys};
  auto pending = self->request(w.actors.supervisor, 8s,
                               answer_run{w.run, {w.spec.owner, false}, "Here.", {1, 2}, {}});
  w.settle();
  for (auto i = 0; i < 100 && !self->has_next_message(); ++i)
    w.advance(100ms);
  auto code = std::optional<errc>{};
  pending.receive([](const done&) {}, [&](const caf::error& e) { code = to_failure(e).code; });
  return code;
}

TEST_CASE("an answer at any moment of a resumption reaches the run, or says what is in the way",
          "[actors][supervisor]") {
  auto taken = 0;
  for (auto moment = 0; moment < 14; ++moment) {
    auto options = world_options{};
    options.store = std::shared_ptr<journal_store>{make_memory_store()};
    {
      world w{options};
      w.start();
      w.model_answers(says("[ASK_USER] Where?"));
    }
    world w{options};
    caf::anon_send(w.actors.supervisor, resume_all{});
    w.step(static_cast<std::size_t>(moment));
    const auto refused = answer_now(w);
    CAPTURE(moment);
    taken += !refused;
    if (refused)
      CHECK(*refused == errc::run_not_found);  // not seated yet
    CHECK(w.count("user_responded") == (refused ? 0 : 1));
  }
  CHECK(taken >= 8);
}

TEST_CASE("an answer to a run that waits for its turn after a restart may be tried again",
          "[actors][supervisor]") {
  auto options = world_options{};
  options.store = std::shared_ptr<journal_store>{make_memory_store()};
  {
    world w{options};
    for (auto n = 1; n <= 2; ++n) {
      w.run = number(n);
      w.start();
      w.model_answers(says("[ASK_USER] Where?"));
    }
  }
  options.supervisor.runs_live_max = 1;
  for (const auto early : {false, true}) {
    world w{options};
    w.run = number(2);
    caf::anon_send(w.actors.supervisor, resume_all{});
    if (!early)
      w.settle();
    else
      w.step(3);
    const auto refused = answer_now(w);
    REQUIRE(refused);
    CHECK((*refused == errc::overloaded || (early && *refused == errc::run_not_found)));
  }
}

TEST_CASE_METHOD(world, "answers that wait for one run are bounded", "[actors][supervisor]") {
  start();
  model_answers(says("[ASK_USER] Where?"));
  caf::anon_send_exit(actors.archive, caf::exit_reason::user_shutdown);  // nothing is read any more
  crash_run();
  settle();
  auto self = caf::scoped_actor{sys};
  for (auto i = 0; i < 16; ++i)
    self->send(actors.supervisor, answer_run{run, {spec.owner, false}, "Here.", {1, 2}, {}});
  settle();
  CHECK(answer_now(*this) == errc::overloaded);
}

TEST_CASE_METHOD(world, "D-1 an answer that a cancel overtakes is durable, and is answered",
                 "[actors][supervisor]") {
  start();
  model_answers(says("[ASK_USER] Where?"));
  auto self = caf::scoped_actor{sys};
  auto pending =
    self->request(actors.supervisor, 8s, answer_run{run, {spec.owner, false}, "Here.", {1, 2}, {}});
  step(2);  // the run has taken it; its commit is still to come
  CHECK(open_cancel{*this, run}.wait().ended == run_status::cancelled);
  CHECK(count("user_responded") == 1);
  auto taken = false;
  pending.receive([&](const done&) { taken = true; }, [](const caf::error&) {});
  CHECK(taken);
  CHECK(model->desk.calls.size() == 1);  // the next step did not begin
}

TEST_CASE_METHOD(world, "cancels that wait for one run are bounded", "[actors][supervisor]") {
  start();
  crash_run();
  settle();
  auto waiting = std::vector<std::unique_ptr<open_cancel>>{};
  caf::anon_send_exit(actors.archive, caf::exit_reason::user_shutdown);  // nothing is read any more
  crash_run();
  settle();
  for (auto i = 0; i < 101; ++i)
    waiting.push_back(std::make_unique<open_cancel>(*this, run));
  const auto last = waiting.back()->wait();
  REQUIRE(last.refused);
  CHECK(last.refused->code == errc::overloaded);
}

TEST_CASE_METHOD(world, "a drain is answered behind what the last run held back",
                 "[actors][supervisor]") {
  start();
  model_answers(calls({call_of("search")}));
  auto self = caf::scoped_actor{sys};
  auto drained = self->request(actors.supervisor, caf::infinite, drain{});
  settle();
  REQUIRE_FALSE(self->has_next_message());
  REQUIRE(tool("search").desk.answer(result_of("berth 4")));
  while (!self->has_next_message())
    REQUIRE(step());
  drained.receive([](const done&) {}, [](const caf::error&) { FAIL("no drain"); });
  auto settled = self->request(actors.journal, caf::infinite, settle_appends{});
  while (!self->has_next_message())
    REQUIRE(step());
  settled.receive([](const done&) {}, [](const caf::error&) { FAIL("no journal"); });
  CHECK(view().steps.size() == 1);
}

}  // namespace
}  // namespace persona_runtime
