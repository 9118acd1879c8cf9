#pragma once
// What anybody may know of a model without asking its actor.

#include "domain/tier/call_gate.hpp"
#include "domain/tier/hedge.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace persona_runtime {

/// How a model is doing. Written by its model actor, read by whoever is about to choose one, and by
/// /metrics. Any thread. A hint: who finds it up may still be refused.
class model_signal {
public:
  void show(breaker_state state, std::size_t waiting) {
    state_.store(state, std::memory_order_relaxed);
    waiting_.store(waiting, std::memory_order_relaxed);
  }
  /// Until when calls had better go elsewhere; 0: not at all.
  void close_until(instant when) { closed_until_.store(when.value, std::memory_order_relaxed); }

  /// When the time of a closed one has come, one asker a second is told so: its call is the probe,
  /// and everybody else goes on to another model.
  [[nodiscard]] bool is_up(instant now) {
    auto until = closed_until_.load(std::memory_order_relaxed);
    if (until == 0)
      return true;
    const auto later = now.value + claim.count();
    return now.value >= until
           && closed_until_.compare_exchange_strong(until, later, std::memory_order_relaxed);
  }

  /// The same without becoming the one who probes.
  [[nodiscard]] bool looks_up(instant now) const {
    return now.value >= closed_until_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] breaker_state state() const { return state_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

  /// How long an answer took to begin; called by whoever asks two models at once.
  void note_first_token(std::chrono::milliseconds took) {
    const auto lock = std::lock_guard{mutex_};
    first_tokens_.note(took);
  }
  /// 95 of 100 answers have begun by then; none: too few were timed.
  [[nodiscard]] std::optional<std::chrono::milliseconds> first_token_p95() const {
    const auto lock = std::lock_guard{mutex_};
    return first_tokens_.p95();
  }

private:
  /// A call that was to be the probe and never comes holds it up for so long.
  static constexpr auto claim = std::chrono::milliseconds{1'000};

  std::atomic<std::int64_t> closed_until_{0};
  std::atomic<breaker_state> state_{breaker_state::closed};
  std::atomic<std::size_t> waiting_{0};
  mutable std::mutex mutex_;  // of what follows
  first_token_times first_tokens_;
};

}  // namespace persona_runtime
