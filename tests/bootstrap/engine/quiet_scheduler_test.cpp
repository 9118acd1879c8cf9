// Actors that end tell CAF's clock only when they have set a time limit.

#include "bootstrap/engine/quiet_scheduler.hpp"
#include "tests/support/catch.hpp"

#include <future>

namespace persona_runtime {
namespace {

struct counting_clock final : caf::detail::thread_safe_actor_clock {
  void set_request_timeout(time_point, caf::abstract_actor*, caf::message_id) override { ++set; }
  void cancel_timeouts(caf::abstract_actor*) override { ++cancelled; }
  int set = 0;
  int cancelled = 0;
};

struct quiet_config : caf::actor_system_config {
  quiet_config() {
    module_factories.emplace_back([](caf::actor_system& sys) -> caf::actor_system::module* {
      return new quiet_scheduler{sys};
    });
  }
};

caf::behavior silent(caf::event_based_actor* self) {
  return {[self](int) { return self->make_response_promise<int>(); }};
}

TEST_CASE("an end is told to the clock when there is a limit to forget, and once",
          "[bootstrap][engine]") {
  auto config = quiet_config{};
  auto sys = caf::actor_system{config};
  const auto actor = sys.spawn(silent);
  auto* self = caf::actor_cast<caf::abstract_actor*>(actor);
  auto inner = counting_clock{};
  auto clock = quiet_clock{inner};
  clock.cancel_timeouts(self);
  CHECK(inner.cancelled == 0);
  clock.set_request_timeout({}, self, caf::make_message_id());
  CHECK(inner.set == 1);
  clock.cancel_timeouts(self);
  clock.cancel_timeouts(self);
  CHECK(inner.cancelled == 1);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_CASE("time limits pass and are forgotten as ever", "[bootstrap][engine]") {
  auto config = quiet_config{};
  auto sys = caf::actor_system{config};
  const auto never = sys.spawn(silent);
  auto late = std::promise<caf::error>{};
  sys.spawn([&late, never](caf::event_based_actor* self) {
    self->request(never, std::chrono::milliseconds{5}, 1)
      .then([](int) {}, [&late](const caf::error& e) { late.set_value(e); });
  });
  CHECK(late.get_future().get() == caf::sec::request_timeout);
  // This one is gone before its limit: nothing is left that could hold up the end of the system.
  sys.spawn([never](caf::event_based_actor* self) {
    self->request(never, std::chrono::seconds{3'600}, 1).then([](int) {}, [](const caf::error&) {});
    self->quit();
  });
  auto passed = std::promise<void>{};
  sys.spawn([&passed](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, std::chrono::milliseconds{5}, 1);
    return {[&passed](int) { passed.set_value(); }};
  });
  passed.get_future().get();
  caf::anon_send_exit(never, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace persona_runtime
