#pragma once
// GET for URLs that are not the operator's: every hop goes through the target guard.

#include "providers/http/http_client.hpp"
#include "providers/tools/outside/answer_collector.hpp"
#include "providers/tools/outside/target_guard.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace boost::asio {
class io_context;
}

namespace persona_runtime {

struct fetch_limits {
  std::chrono::milliseconds timeout{30'000};  // all hops and look-ups together
  std::size_t body_bytes_max = 2u << 20;      // more is not downloaded; the rest is shown
  unsigned redirects_max = 5;
  unsigned addresses_tried_max = 3;  // of one name, when connecting fails
};

struct fetched {
  http_answer answer;  // status known and no redirect; error only body_too_large with a body
  std::string url;     // where it came from in the end
};

struct fetch_problem {
  std::optional<target_refusal> refusal;  // set: nothing was sent to that target
  std::string text;
};

using fetch_outcome = std::variant<fetched, fetch_problem>;

/// Thread-safe. All of the constructor's references must outlive the calls, and `io`, which one
/// thread runs, must outlive the handles too.
class guarded_fetch {
public:
  using on_done = std::function<void(fetch_outcome)>;

  guarded_fetch(http_client& client, const target_guard& guard, boost::asio::io_context& io,
                fetch_limits limits = {});

  /// Returns at once; `done` once on `io`'s thread, never after cancel() has taken effect there.
  [[nodiscard]] std::unique_ptr<pending_call> start(std::string url, http_headers headers,
                                                    on_done done) const;

private:
  http_client& client_;
  const target_guard& guard_;
  boost::asio::io_context& io_;
  fetch_limits limits_;
};

}  // namespace persona_runtime
