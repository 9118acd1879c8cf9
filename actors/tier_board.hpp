#pragma once
// Which tiers there are now: swapped as a whole when the configuration is read again.

#include "domain/tier/tier_table.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace persona_runtime {

/// Thread-safe. What was taken from it stays as it is.
class tier_board {
public:
  explicit tier_board(tier_snapshot first) : now_{std::move(first)} {}
  tier_board(const tier_board&) = delete;
  tier_board& operator=(const tier_board&) = delete;

  /// Never null.
  [[nodiscard]] tier_snapshot now() const { return now_.load(std::memory_order_acquire); }
  void put(tier_snapshot next) { now_.store(std::move(next), std::memory_order_release); }

private:
  std::atomic<tier_snapshot> now_;
};

using tier_board_ptr = std::shared_ptr<tier_board>;

/// Lets whoever holds `services` go by the tiers that there are now. Services is run_services or
/// conversation_services; a copy is made only when the tiers have changed.
template <class Services>
void follow_board(std::shared_ptr<const Services>& services) {
  if (services->board == nullptr)
    return;
  auto now = services->board->now();
  if (now == services->rules.tiers)
    return;
  auto fresh = std::make_shared<Services>(*services);
  fresh->rules.tiers = std::move(now);
  services = std::move(fresh);
}

}  // namespace persona_runtime
