#pragma once
// Signals as something that can be waited for; nothing runs inside a handler.

#include <chrono>
#include <csignal>
#include <initializer_list>

namespace persona_runtime::cli {

/// Blocks the given signals for this thread and all that it starts later, and ignores SIGPIPE.
/// Made before the first thread.
class signal_gate {
public:
  explicit signal_gate(std::initializer_list<int> numbers = {SIGINT, SIGTERM});

  /// Waits until one of them comes; returns its number.
  [[nodiscard]] int wait() const;
  /// The same, for `limit` at most; 0: none came.
  [[nodiscard]] int wait_for(std::chrono::milliseconds limit) const;

private:
  sigset_t set_{};
};

}  // namespace persona_runtime::cli
