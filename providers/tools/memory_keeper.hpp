#pragma once
// What tools that remember need of memory.

#include "domain/memory/outcome.hpp"
#include "domain/memory/recall.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace persona_runtime {

/// Any thread; `done` is called once, on any thread, unless the keeper is destroyed before.
class memory_keeper {
public:
  virtual ~memory_keeper() = default;
  /// Stores that cannot be read are named in the answer.
  virtual void recall(recall_request what, std::function<void(recalled_memory)> done) = 0;
  /// Durable when it is answered. The outcome says whether the policy refused it; fails with
  /// journal_unavailable.
  virtual void change(memory_request what, std::function<void(result<memory_outcome>)> done) = 0;
};

/// A keeper for tools that are made before the memory that they reach. Not connected: nothing can
/// be recalled or changed.
class late_memory_keeper final : public memory_keeper {
public:
  /// Null disconnects.
  void connect(std::shared_ptr<memory_keeper> to) {
    const auto guard = std::lock_guard{mutex_};
    to_ = std::move(to);
  }
  void recall(recall_request what, std::function<void(recalled_memory)> done) override {
    if (const auto to = target())
      return to->recall(std::move(what), std::move(done));
    auto nothing = recalled_memory{};
    nothing.degraded = true;
    nothing.missing.assign(memory_store_kinds.begin(), memory_store_kinds.end());
    done(std::move(nothing));
  }
  void change(memory_request what, std::function<void(result<memory_outcome>)> done) override {
    if (const auto to = target())
      return to->change(std::move(what), std::move(done));
    done(failure{errc::journal_unavailable, "memory cannot be reached just now"});
  }

private:
  [[nodiscard]] std::shared_ptr<memory_keeper> target() {
    const auto guard = std::lock_guard{mutex_};
    return to_;
  }
  std::mutex mutex_;
  std::shared_ptr<memory_keeper> to_;
};

}  // namespace persona_runtime
