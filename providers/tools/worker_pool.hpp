#pragma once
// The threads on which tools compute. Never an actor's thread, never one that serves sockets.

#include <cstddef>
#include <functional>
#include <memory>

namespace persona_runtime {

/// A fixed number of threads with one bounded queue, first come first served. Safe to use from any
/// thread.
class worker_pool {
public:
  /// `threads` at least 1; `queued_max` jobs wait at most.
  worker_pool(std::size_t threads, std::size_t queued_max);

  /// Drops the jobs that still wait and returns when the running ones have ended. Ask those to
  /// stop before (cancel their calls), or this waits as long as they take. A job may be what
  /// destroys the pool; then the others have ended when this returns.
  ~worker_pool();

  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// Queues `job`; false when the queue is full, and then `job` never runs. A job must not throw.
  [[nodiscard]] bool submit(std::function<void()> job);

  /// Jobs that wait now.
  [[nodiscard]] std::size_t queued() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace persona_runtime
