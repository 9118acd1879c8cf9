// Anything between any two messages: every run ends once, nothing is lost, nothing is done twice.

#include "tests/actors/play.hpp"

#include <random>

namespace persona_runtime {
namespace {

using namespace test;
using testing::fault_plan;
using testing::fault_store;

struct chaos {
  std::mt19937 random;
  std::shared_ptr<fault_plan> plan;
  std::unique_ptr<world> w;
  bool broken = false;

  explicit chaos(unsigned seed) : random{seed} {
    auto store = std::make_shared<fault_store>(make_memory_store());
    plan = store->plan();
    auto options = world_options{};
    options.store = store;
    options.supervisor.question_timeout = std::chrono::milliseconds{1'000 + below(20'000)};
    w = std::make_unique<world>(options);
    w->spec.limits.deadline_s = 60;
    w->spec.limits.deadline = instant{60'000 + static_cast<std::int64_t>(now())};
    w->spec.limits.max_steps = 1 + below(8);
    w->spec.ask_user = below(4) != 0;
  }

  unsigned below(unsigned bound) { return static_cast<unsigned>(random() % bound); }
  std::int64_t now() const {
    const auto since = w->sched.clock().now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }

  void some_messages() {
    for (auto left = below(7); left > 0 && w->sched.has_job(); --left)
      w->sched.run_once();
  }
  void ask_to_cancel() {
    caf::anon_send<caf::message_priority::high>(w->actors.supervisor,
                                                cancel_run{w->run, {{"alice"}, false}, "enough"});
  }
  void answer_question() {
    caf::anon_send(w->actors.supervisor,
                   answer_run{w->run, {{"alice"}, false}, "Yes.", {4, 5}, {}});
  }
  void answer_late() {
    for (const auto& call : w->model->desk.calls) {
      if (call->cancelled && !std::exchange(call->answered, true))
        call->done(says("[FINAL] late"));
    }
    for (const auto& [name, tool] : w->tools) {
      for (const auto& call : tool->desk.calls) {
        if (call->cancelled && !std::exchange(call->answered, true))
          call->done(result_of("late"));
      }
    }
  }
  void model_acts() {
    switch (below(10)) {
    case 0:
      w->model->desk.answer(error_with(model_error_class::provider_error, 529));
      return;
    case 1:
      w->model->desk.answer(error_with(model_error_class::rate_limit, 429));
      return;
    case 2:
      w->model->desk.answer(says("[FINAL] done"));
      return;
    case 3:
      w->model->desk.answer(says("[ASK_USER] Which one?"));
      return;
    case 4:
      w->model->desk.answer(says("Hm."));
      return;
    default:
      w->model->desk.answer(calls({call_of("write", "a"), call_of("search", "b")}));
    }
  }
  void something_happens() {
    switch (below(26)) {
    case 0:
      return below(3) == 0 ? ask_to_cancel() : void();
    case 1:
    case 2:
      return w->actor && below(2) == 0 ? w->crash_run() : void();
    case 3:
      broken = !broken;
      return plan->fail_all(broken);
    case 4:
      return plan->fail_nth(1 + below(3));
    case 5:
    case 6:
      w->sched.advance_time(std::chrono::milliseconds{below(5'000)});
      return;
    case 7:
      return answer_late();
    case 8:
    case 9:
      return answer_question();
    default:
      break;
    }
    if (below(2) == 0)
      return model_acts();
    auto& tool = below(2) == 0 ? w->tool("search") : w->tool("write");
    tool.desk.answer(below(4) == 0 ? error_of("no") : result_of("berth 4"));
  }
  void live() {
    send_start(*w);
    for (auto i = 0; i < 70; ++i) {
      some_messages();
      something_happens();
    }
    plan->fail_none();
    w->settle();
    for (auto i = 0; i < 5; ++i)
      w->advance(std::chrono::seconds{1});
    for (auto i = 0; i < 8; ++i)  // the deadline ends what has not ended yet
      w->advance(std::chrono::seconds{10});
  }
};

void live_through(unsigned first, unsigned last) {
  auto ends = std::set<run_status>{};
  for (auto seed = first; seed <= last; ++seed) {
    INFO("seed " << seed);
    auto c = chaos{seed};
    c.live();
    CAPTURE(c.w->kinds());
    REQUIRE(c.w->count("finished") == 1);
    check_journal(*c.w);
    check_no_orphans(*c.w);
    CHECK(c.w->actors.counters->runs_live == 0);
    CHECK(c.w->actors.counters->model_calls_open == 0);
    CHECK(c.w->actors.counters->tool_calls_open == 0);
    ends.insert(c.w->view().status);
  }
  CHECK(ends.size() >= 4);
}

TEST_CASE("any interleaving ends in one terminal record (1)", "[actors][chaos]") {
  live_through(1, 100);
}
TEST_CASE("any interleaving ends in one terminal record (2)", "[actors][chaos]") {
  live_through(101, 200);
}
TEST_CASE("any interleaving ends in one terminal record (3)", "[actors][chaos]") {
  live_through(201, 300);
}
TEST_CASE("any interleaving ends in one terminal record (4)", "[actors][chaos]") {
  live_through(301, 400);
}

}  // namespace
}  // namespace persona_runtime
