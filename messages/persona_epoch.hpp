#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

namespace persona_runtime {

/// Tells whoever keeps personas that it has read whether they still are what is stored.
/// Thread-safe.
class persona_epoch {
public:
  /// From the journal, behind every attempt to change a persona and before anybody is told what
  /// became of it: a change that is durable is never missed.
  void advance() { number_.fetch_add(1); }
  [[nodiscard]] std::uint64_t now() const { return number_.load(); }

private:
  std::atomic<std::uint64_t> number_{0};
};

using persona_epoch_ptr = std::shared_ptr<persona_epoch>;

}  // namespace persona_runtime
