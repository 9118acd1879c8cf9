#include "providers/tools/worker_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace persona_runtime {

struct worker_pool::state {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;
  std::size_t queued_max = 0;
  bool closed = false;
  std::vector<std::thread> threads;

  void work() {
    while (true) {
      auto job = std::function<void()>{};
      {
        auto lock = std::unique_lock{mutex};
        changed.wait(lock, [&] { return closed || !waiting.empty(); });
        if (closed)
          return;
        job = std::move(waiting.front());
        waiting.pop_front();
      }
      job();
    }
  }
};

worker_pool::worker_pool(std::size_t threads, std::size_t queued_max)
  : state_{std::make_shared<state>()} {
  state_->queued_max = queued_max;
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
    state_->threads.emplace_back([s = state_] { s->work(); });
}

worker_pool::~worker_pool() {
  auto dropped = std::deque<std::function<void()>>{};
  {
    const auto lock = std::lock_guard{state_->mutex};
    state_->closed = true;
    dropped.swap(state_->waiting);
  }
  state_->changed.notify_all();
  auto threads = std::vector<std::thread>{};
  threads.swap(state_->threads);
  for (auto& thread : threads) {
    // The last owner may be a job of ours. Its thread cannot wait for itself: it ends when the job
    // has, and keeps the state until then.
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

bool worker_pool::submit(std::function<void()> job) {
  {
    const auto lock = std::lock_guard{state_->mutex};
    if (state_->closed || state_->waiting.size() >= state_->queued_max)
      return false;
    state_->waiting.push_back(std::move(job));
  }
  state_->changed.notify_one();
  return true;
}

std::size_t worker_pool::queued() const {
  const auto lock = std::lock_guard{state_->mutex};
  return state_->waiting.size();
}

}  // namespace persona_runtime
