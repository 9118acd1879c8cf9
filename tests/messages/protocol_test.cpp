// What protocol.hpp promises of CAF.

#include "messages/protocol.hpp"
#include "tests/support/catch.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <string>

namespace persona_runtime {
namespace {

using namespace std::chrono_literals;

struct test_config : caf::actor_system_config {
  test_config() { set("scheduler.policy", caf::atom("testing")); }
};

using answering = interface<answers<std::string, std::string>>;

answering::behavior_type answers_itself(answering::pointer) {
  return {[](const std::string& asked) { return asked + "!"; }};
}

answering::behavior_type hands_on(answering::pointer self, const answering& to) {
  return {[self, to](const std::string& asked) {
    return self->delegate<caf::message_priority::high>(to, asked);
  }};
}

}  // namespace

TEST_CASE("an urgent request is urgent, and its answer finds back through a delegation",
          "[messages]") {
  auto config = test_config{};
  auto sys = caf::actor_system{config};
  auto& clock = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  auto last = sys.spawn(answers_itself);
  auto first = sys.spawn(hands_on, last);
  auto got = std::string{};
  auto was_urgent = false;
  sys.spawn([&](caf::event_based_actor* self) {
    auto asked = request_urgent(self, first, 5s, std::string{"cancel"});
    was_urgent = asked.id().is_urgent_message();
    asked.then([&](const std::string& answer) { got = answer; },
               [&](const caf::error&) { got = "no answer"; });
  });
  clock.run();
  CHECK(was_urgent);
  CHECK(got == "cancel!");
}

}  // namespace persona_runtime
