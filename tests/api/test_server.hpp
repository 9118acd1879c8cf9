#pragma once
// A server on a free loopback port, on a thread of its own, in front of a fake engine.

#include "api/api_settings.hpp"
#include "api/http_server.hpp"
#include "tests/api/fake_backend.hpp"
#include "tests/api/raw_client.hpp"
#include "tests/support/noted_log.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace persona_runtime {

class test_server {
public:
  explicit test_server(api_settings settings = {}, std::size_t threads = 1,
                       std::function<void()> on_descriptors_short = {});
  ~test_server();

  fake_backend engine;
  std::shared_ptr<test::noted_log> log = std::make_shared<test::noted_log>();
  /// What a reload answers; empty: the server has none. Set before the first request.
  std::function<reload_answer()> on_reload{};
  std::atomic<std::int64_t> now_ms{1'767'225'600'000};  // the clock: 2026-01-01 00:00 UTC

  [[nodiscard]] std::string address() const;
  [[nodiscard]] result<void> listen_again(const std::string& address);
  void stop_accepting();
  void close_all();

  /// One request on a connection of its own.
  raw_answer ask(const std::string& method, const std::string& target, const std::string& body = "",
                 const std::string& headers = "") {
    return raw_client{address()}.ask(method, target, body, headers);
  }
  /// The value of a counter of /metrics; 0 when it is not there.
  std::uint64_t metric(const std::string& name);

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Would the server start like this? On a port of its own choice.
[[nodiscard]] result<void> try_listen(const api_settings& settings, const std::string& address);

}  // namespace persona_runtime
