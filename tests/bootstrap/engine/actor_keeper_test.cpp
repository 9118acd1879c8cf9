#include "actors/journal_actor.hpp"
#include "bootstrap/engine/actor_keeper.hpp"
#include "messages/table.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <caf/all.hpp>

#include <future>
#include <thread>

namespace persona_runtime {
namespace {

struct real_config : caf::actor_system_config {
  real_config() { announce_messages(*this); }
};

TEST_CASE("a thread that has used memory may outlive the actors", "[bootstrap][engine]") {
  using namespace testing;
  auto may_end = std::promise<void>{};
  auto user = std::thread{};
  {
    auto config = real_config{};
    auto sys = caf::actor_system{config};
    const auto journal = journal_actor{sys.spawn<caf::detached>(
      journal_behavior, std::shared_ptr<journal_store>{make_memory_store()},
      std::make_shared<engine_counters>(), quiet_log(), spending_ptr{}, persona_epoch_ptr{},
      usage_inbox_ptr{}, filled_scopes_ptr{})};
    const auto keeper = make_actor_keeper(sys, journal, {}, std::chrono::seconds{10});
    auto answer = std::promise<result<memory_outcome>>{};
    auto asked = std::promise<void>{};
    user = std::thread{[&, ends = may_end.get_future()] {
      keeper->change(asking(memory_store_kind::episodic, by(memory_source::user),
                            write_memory{{a_draft("The sea was calm.")}}),
                     [&](result<memory_outcome> made) { answer.set_value(std::move(made)); });
      asked.set_value();
      ends.wait();
    }};
    CHECK(answer.get_future().get().has_value());
    asked.get_future().wait();
    caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  }  // does not wait for the thread
  may_end.set_value();
  user.join();
}

}  // namespace
}  // namespace persona_runtime
