#pragma once
// One HTTP exchange at a time, for commands that have nothing else to do: blocking, and ended by
// Ctrl-C.

#include "domain/failure.hpp"
#include "providers/http/http_client.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime::cli {

/// What came back.
struct http_reply {
  int status = 0;  // 0: no answer arrived, see `error`
  http_headers headers;
  std::string body;         // empty when a listener took it
  http_error error;         // when `is_broken`
  bool is_broken = false;   // the exchange ended in an error, before or in the middle of the answer
  bool is_stopped = false;  // by the stop flag, or by the listener

  /// The first value of `name` (any case); empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Takes the body of an answer with status 200 as it arrives, and is asked meanwhile whether to
/// wait on, also before the answer's head. On the calling thread.
struct http_listener {
  // Both say false when it is enough: the exchange is ended.
  std::function<bool(std::string_view bytes)> on_body;
  std::function<bool()> on_wait;  // about ten times a second while nothing arrives; may be empty
};

/// Owns the thread and the connections. One call at a time, from one thread.
class http_caller {
public:
  /// Fails with validation_error when the trusted authorities cannot be read.
  [[nodiscard]] static result<std::unique_ptr<http_caller>> make();
  ~http_caller();
  http_caller(const http_caller&) = delete;
  http_caller& operator=(const http_caller&) = delete;

  /// Blocks until the exchange has ended; `stop` (may be null) turning true ends it within about
  /// 100 ms. Of a body that no listener takes at most `request.body_bytes_max` bytes are kept. A
  /// listener that is slow slows the sender: at most 1 MiB waits for it.
  [[nodiscard]] http_reply call(http_request request, const std::atomic<bool>* stop,
                                const http_listener* listener = nullptr);

private:
  http_caller();
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// Waits, at most until `stop` turns true (looked at every 100 ms). False: it did.
bool wait_unless_stopped(std::chrono::milliseconds time, const std::atomic<bool>* stop);

}  // namespace persona_runtime::cli
