// Growth of a live text between the thread that writes it and the one that looks.

#include "actors/live_text.hpp"
#include "tests/support/catch.hpp"

#include <thread>

namespace persona_runtime {
namespace {

void wait_until(const std::atomic<int>& counter, int value) {
  while (counter.load() < value)
    std::this_thread::yield();
}

TEST_CASE("what grows while somebody looks is seen or told", "[actors][stream]") {
  constexpr auto rounds = 2'000;
  auto told = std::atomic<int>{0};
  auto registry = live_registry{[&](const run_id&) { ++told; }};
  const auto where = registry.open(run_id{"run_1"});
  const auto text = registry.begin(where, {0}, {0});
  auto begun = std::atomic<int>{0};
  auto grown = std::atomic<int>{0};
  auto writer = std::thread{[&] {
    for (auto round = 1; round <= rounds; ++round) {
      wait_until(begun, round);
      text->text.append("x");
      registry.grew(where);
      grown = round;
    }
  }};

  auto lost = 0;
  for (auto round = 1; round <= rounds; ++round) {
    registry.grew(where);  // nobody waits any more
    told = 0;
    begun = round;
    const auto size = registry.look_and_arm(where->run)->text.size();
    wait_until(grown, round);
    if (told == 0 && size < static_cast<std::size_t>(round))
      ++lost;
  }
  writer.join();
  CHECK(lost == 0);
}

}  // namespace
}  // namespace persona_runtime
