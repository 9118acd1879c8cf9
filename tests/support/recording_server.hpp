#pragma once

#include "tests/support/loopback_server.hpp"

#include <mutex>
#include <string>
#include <string_view>

namespace persona_runtime::test {

/// Answers every connection's one request with `answer` (empty: never) and keeps what it got.
class recording_server {
public:
  explicit recording_server(std::string answer)
    : server_{[this, answer = std::move(answer)](loopback_peer& peer) {
        auto request = peer.read_request();
        {
          const auto lock = std::lock_guard{mutex_};
          request_ = std::move(request);
        }
        if (answer.empty())
          peer.stall();
        else
          peer.send(answer);
      }} {}

  /// The last one; empty before the first.
  [[nodiscard]] std::string request() const {
    const auto lock = std::lock_guard{mutex_};
    return request_;
  }
  [[nodiscard]] std::string url(std::string_view path = "/") const { return server_.url(path); }
  [[nodiscard]] std::size_t accepted() const { return server_.accepted(); }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

private:
  mutable std::mutex mutex_;
  std::string request_;
  loopback_server server_;
};

}  // namespace persona_runtime::test
