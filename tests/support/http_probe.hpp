#pragma once
// Starts calls on an http_client and waits for what comes of them.

#include "providers/http/http_client.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace persona_runtime::test {

/// Remembers everything that one call tells. Any thread may wait.
class http_probe final : public http_handler {
private:
  template <class Change>
  void change(Change what) {
    auto lock = std::lock_guard{mutex_};
    what();
    changed_.notify_all();
  }
  template <class Read>
  auto locked(Read what) const {
    auto lock = std::lock_guard{mutex_};
    return what();
  }

public:
  void on_head(const http_response_head& head) override {
    change([&] { head_ = head; });
  }
  void on_body(std::string_view bytes) override {
    change([&] { body_.append(bytes); });
  }
  void on_end() override {
    change([&] { ++ends_; });
  }
  void on_error(const http_error& error) override {
    change([&] {
      error_ = error;
      ++ends_;
    });
  }

  /// False when the call did not end within 20 s.
  bool wait() {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return ends_ > 0; });
  }
  bool wait_for_body(std::size_t bytes) {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20},
                             [&] { return body_.size() >= bytes || ends_ > 0; });
  }

  [[nodiscard]] int status() const {
    return locked([&] { return head_.status; });
  }
  [[nodiscard]] std::string body() const {
    return locked([&] { return body_; });
  }
  [[nodiscard]] int ends() const {
    return locked([&] { return ends_; });
  }
  [[nodiscard]] std::optional<http_error> error() const {
    return locked([&] { return error_; });
  }
  [[nodiscard]] http_response_head head() const {
    return locked([&] { return head_; });
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  http_response_head head_;
  std::string body_;
  std::optional<http_error> error_;
  int ends_ = 0;
};

/// A call and what it told.
struct probed_call {
  std::shared_ptr<http_probe> probe;
  std::unique_ptr<pending_call> handle;
};

inline probed_call start_probed(http_client& client, http_request request) {
  auto probe = std::make_shared<http_probe>();
  auto handle = client.start(std::move(request), probe);
  return {probe, std::move(handle)};
}

/// Sends and waits.
inline std::shared_ptr<http_probe> fetch(http_client& client, http_request request) {
  auto call = start_probed(client, std::move(request));
  call.probe->wait();
  return call.probe;
}

inline http_request get(std::string url) {
  auto request = http_request{};
  request.url = std::move(url);
  return request;
}

}  // namespace persona_runtime::test
