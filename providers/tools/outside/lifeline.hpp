#pragma once
#include "providers/tools/outside/unique_fd.hpp"

#include <mutex>

namespace persona_runtime {

/// The word to stop for one guarded process. Any thread may cut it, at once and without waiting
/// for the thread that reads the process's pipes. Thread-safe.
class lifeline {
public:
  /// False when it has been cut already: `fd` is closed then.
  bool attach(unique_fd fd) {
    const auto lock = std::lock_guard{mutex_};
    if (!cut_)
      fd_ = std::move(fd);
    return !cut_;
  }

  void cut() noexcept {
    const auto lock = std::lock_guard{mutex_};
    cut_ = true;
    fd_.reset();
  }

  /// For cancellation: nobody wants to hear of the process any more.
  void cut_silently() noexcept {
    const auto lock = std::lock_guard{mutex_};
    silent_ = cut_ = true;
    fd_.reset();
  }

  [[nodiscard]] bool is_silent() const {
    const auto lock = std::lock_guard{mutex_};
    return silent_;
  }

private:
  mutable std::mutex mutex_;
  unique_fd fd_;
  bool cut_ = false;
  bool silent_ = false;
};

}  // namespace persona_runtime
