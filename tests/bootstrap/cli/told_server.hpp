#pragma once
// A server that says what it was told to say, and remembers what it was asked.

#include "tests/support/loopback_server.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::testing {

/// Answers one request per connection, in this order; after the last one with nothing. An answer
/// that ends with "stall\r\n" is followed by silence.
class told_server {
public:
  explicit told_server(std::deque<std::string> answers)
    : answers_{std::move(answers)}, server_{[this](test::loopback_peer& peer) { serve(peer); }} {}

  [[nodiscard]] std::string url() const { return server_.url(""); }
  std::vector<std::string> requests() {
    const auto lock = std::lock_guard{mutex_};
    return requests_;
  }
  /// Of the request with this number: its first line, and its body.
  std::string line(std::size_t number) { return part(number, "", "\r\n"); }
  std::string body(std::size_t number) { return part(number, "\r\n\r\n", "no end"); }

private:
  std::string part(std::size_t number, std::string_view from, std::string_view to) {
    const auto lock = std::lock_guard{mutex_};
    const auto& text = requests_.at(number);
    const auto begin = text.find(from) + from.size();
    return text.substr(begin, text.find(to, begin) - begin);
  }
  void serve(test::loopback_peer& peer) {
    auto request = peer.read_request();
    auto answer = std::string{};
    {
      const auto lock = std::lock_guard{mutex_};
      if (request.empty() || answers_.empty())
        return;
      requests_.push_back(std::move(request));
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    peer.send(answer);
    if (answer.ends_with("stall\r\n"))
      peer.stall();
  }

  std::mutex mutex_;
  std::deque<std::string> answers_;
  std::vector<std::string> requests_;
  test::loopback_server server_;
};

/// `more`: header lines.
inline std::string json_answer(std::string_view body, std::string_view status = "200 OK",
                               const std::string& more = {}) {
  auto answer = test::plain_answer(body, "application/json", status);
  return answer.insert(answer.find("\r\n") + 2, "Connection: close\r\n" + more);
}

}  // namespace persona_runtime::testing
