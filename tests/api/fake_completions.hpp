#pragma once
// Completions that say what a test says.

#include "api/completion_backend.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace persona_runtime {

class fake_completions final : public completion_backend {
public:
  /// What the next ones fail with; none: they begin.
  void fail_with(std::optional<failure> f) {
    const auto lock = std::lock_guard{mutex_};
    failure_ = std::move(f);
  }
  begun_completion complete(const caller&, completion_request what,
                            std::shared_ptr<completion_listener> listener) override {
    auto refused = std::optional<failure>{};
    {
      const auto lock = std::lock_guard{mutex_};
      refused = failure_;
      if (!refused) {
        what_ = std::move(what);
        listener_ = listener;
      }
      ++open_;
    }
    changed_.notify_all();
    if (refused)
      listener->on_refused(*refused);
    return {"chatcmpl-1", std::make_unique<handle>(*this)};
  }

  /// The listener of the last one; null when none begins within 5 s.
  std::shared_ptr<completion_listener> listener() {
    auto lock = std::unique_lock{mutex_};
    changed_.wait_for(lock, std::chrono::seconds{5}, [this] { return listener_ != nullptr; });
    return listener_;
  }
  /// False when not all have been let go within 5 s.
  bool wait_until_none_is_held() {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{5}, [this] { return open_ == 0; });
  }
  completion_request last() {
    const auto lock = std::lock_guard{mutex_};
    return what_;
  }

private:
  struct handle final : completion_handle {
    explicit handle(fake_completions& of) : of_{of} {}
    ~handle() override {
      {
        const auto lock = std::lock_guard{of_.mutex_};
        --of_.open_;
      }
      of_.changed_.notify_all();
    }
    fake_completions& of_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<failure> failure_;
  completion_request what_;
  std::shared_ptr<completion_listener> listener_;
  std::size_t open_ = 0;
};

}  // namespace persona_runtime
