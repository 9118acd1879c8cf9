#include "bootstrap/engine/actor_keeper.hpp"

#include "actors/memory_actor.hpp"
#include "messages/errors.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/logger.hpp>

#include <utility>

namespace persona_runtime {
namespace {

/// Whoever spawns an actor is left with a share of the system's logger, for as long as his thread
/// lives (CAF 0.17.6), and the system waits at its end until nobody has one. Threads of tools
/// outlive it.
struct logger_return {
  logger_return() = default;
  ~logger_return() { caf::logger::set_current_actor_system(nullptr); }
  logger_return(const logger_return&) = delete;
  logger_return& operator=(const logger_return&) = delete;
};

class actor_keeper final : public memory_keeper {
public:
  actor_keeper(caf::actor_system& sys, journal_actor journal, std::vector<memory_actor> memories,
               std::chrono::milliseconds limit)
    : sys_{sys}, journal_{std::move(journal)}, memories_{std::move(memories)}, limit_{limit} {}

  void recall(recall_request what, std::function<void(recalled_memory)> done) override {
    const auto later = logger_return{};
    recall_from(sys_, memories_, std::move(what), limit_,
                [done = std::move(done)](recalled_memory got, std::optional<learned_autonomy>) {
                  done(std::move(got));
                });
  }

  void change(memory_request what, std::function<void(result<memory_outcome>)> done) override {
    const auto later = logger_return{};
    sys_.spawn([journal = journal_, limit = limit_, what = std::move(what),
                done = std::move(done)](caf::event_based_actor* self) {
      self->request(journal, limit, change_memory{{what}})
        .then(
          [done](memory_written& made) {
            if (made.outcomes.size() == 1)
              done(std::move(made.outcomes.front()));
            else
              done(failure{errc::internal_error, "the store answered something else"});
          },
          [done](const caf::error& why) { done(to_failure(why)); });
    });
  }

private:
  caf::actor_system& sys_;
  journal_actor journal_;
  std::vector<memory_actor> memories_;
  std::chrono::milliseconds limit_;
};

}  // namespace

std::shared_ptr<memory_keeper> make_actor_keeper(caf::actor_system& sys, journal_actor journal,
                                                 std::vector<memory_actor> memories,
                                                 std::chrono::milliseconds limit) {
  return std::make_shared<actor_keeper>(sys, std::move(journal), std::move(memories), limit);
}

}  // namespace persona_runtime
