#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

namespace persona_runtime {

/// Tells whoever keeps personas that it has read whether they still are what is stored.
/// Thread-safe.
class persona_epoch {
public:
  /// From the journal, when a change of any persona is durable and before anybody is told so.
  void advance() { number_.fetch_add(1); }
  [[nodiscard]] std::uint64_t now() const { return number_.load(); }

private:
  std::atomic<std::uint64_t> number_{0};
};

using persona_epoch_ptr = std::shared_ptr<persona_epoch>;

}  // namespace persona_runtime
