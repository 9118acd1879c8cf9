// The keeper of conversations, with a conversation that says what the test wants.

#include "actors/conversations_actor.hpp"
#include "messages/table.hpp"
#include "tests/support/catch.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace persona_runtime {
namespace {

struct test_settings : caf::actor_system_config {
  test_settings() {
    set("scheduler.policy", caf::atom("testing"));
    announce_messages(*this);
  }
};

const auto talk = conversation_id{"conv_1"};

/// What the keeper let a conversation do.
struct seen {
  int granted = 0;
  int refused = 0;
};

/// It says that no turn is under way just before it learns of one: both messages cross.
conversation_actor::behavior_type crossing(conversation_actor::pointer self, seen* what,
                                           conversations_actor keeper, run_id last) {
  return {
    [self, keeper, last](const begin_turn& msg) -> caf::result<turn_begun> {
      self->send(keeper, turn_over{talk, last});
      self->send(keeper, reserve_step{{msg.answer, {}, {}, {}}, {}, {}});
      return turn_begun{talk, msg.question, msg.answer};
    },
    [](const begin_next& msg) -> caf::result<turn_begun> {
      return turn_begun{talk, msg.wanted.question, msg.wanted.answer};
    },
    [](const cancel_turn&) -> caf::result<turn_ended> { return turn_ended{}; },
    [what](const step_granted&) { ++what->granted; },
    [what](const step_refused&) { ++what->refused; },
    [](const model_replied&) {},
    [](const model_failed&) {},
    [](const hedge_wanted&) {},
    [](const tool_replied&) {},
    [](const memory_recalled&) {},
    [](const recall_is_late&) {},
    [](const answer_grew&) {},
    [](const records_committed&) {},
    [](const append_refused&) {},
    [](const deadline_passed&) {},
    [self](const leave_conversation&) { self->quit(); },
  };
}

seen begin_while_over(const run_id& last) {
  auto what = seen{};
  auto settings = test_settings{};
  auto sys = caf::actor_system{settings};
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  auto keeper = conversations_actor{};
  auto deps = conversations_deps{};
  deps.now = [] { return instant{1'000}; };
  deps.make_services = [](const conversations_actor& self) {
    auto services = conversation_services{};
    services.conversations = self;
    auto table = tier_table{};
    table.tiers.push_back({"mid", {}});
    services.rules.tiers = std::make_shared<const tier_table>(std::move(table));
    return std::make_shared<const conversation_services>(std::move(services));
  };
  auto spawned = conversation_actor{};
  deps.spawn = [&](const conversation_services_ptr&, const conversation_id&, resume_reason) {
    spawned = sys.spawn(crossing, &what, keeper, last);
    return spawned;
  };
  keeper = sys.spawn(conversations_behavior, std::move(deps));
  auto begin = begin_turn{};
  begin.what.conversation = talk;
  begin.answer = {"msg_2"};
  {
    auto me = caf::scoped_actor{sys};
    me->send(keeper, begin);
    sched.run();
    caf::anon_send_exit(keeper, caf::exit_reason::kill);
    caf::anon_send_exit(spawned, caf::exit_reason::kill);
    sched.run();
  }
  return what;
}

TEST_CASE("a conversation that was just loaded does not end the turn that is handed to it",
          "[actors][conversation]") {
  const auto crossed = begin_while_over({});
  CHECK(crossed.granted == 1);
  CHECK(crossed.refused == 0);
  CHECK(begin_while_over({"msg_1"}).granted == 1);  // nor does the end of the one before
}

TEST_CASE("a turn that is over gets nothing any more", "[actors][conversation]") {
  const auto ended = begin_while_over({"msg_2"});
  CHECK(ended.granted == 0);
  CHECK(ended.refused == 0);
}

}  // namespace
}  // namespace persona_runtime
