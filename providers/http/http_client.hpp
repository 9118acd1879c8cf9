#pragma once
// HTTP/1.1 to the outside: model endpoints, tools, pages. No vendor, no JSON, no actor.

#include "providers/pending_call.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime {

using http_headers = std::vector<std::pair<std::string, std::string>>;  // names in any case

struct http_timeouts {
  std::chrono::milliseconds connect{10'000};     // name, TCP and TLS together
  std::chrono::milliseconds first_byte{60'000};  // from the request's last byte to the body's first
  std::chrono::milliseconds between{60'000};     // between two reads of the body
  std::chrono::milliseconds total{600'000};      // all of it, from start()
};

struct http_request {
  std::string method = "GET";
  std::string url;  // absolute, http or https
  http_headers headers;
  std::string body;
  http_timeouts timeouts;
  std::uint64_t body_bytes_max = 16u
                                 << 20;  // of the answer, after decoding; beyond: body_too_large
  /// Set: connect to exactly this numeric address instead of resolving the URL's host, which is
  /// still what Host, SNI and the certificate check use.
  std::optional<std::string> address;
};

struct http_response_head {
  int status = 0;
  http_headers headers;  // as received
  /// The first value of `name` (any case); empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

enum class http_error_kind : std::uint8_t {
  bad_url = 1,
  resolve_failed,
  connect_failed,  // refused, unreachable
  tls_failed,      // wrong host, expired, unknown CA, handshake
  timeout,         // which one: `detail`
  reset,           // the peer closed or broke the connection before the end
  body_too_large,
  protocol,   // not HTTP, headers over 64 KiB, bad chunk
  refused,    // ours: too many calls (descriptors, queue)
  cancelled,  // never delivered; for logs
};

struct http_error {
  http_error_kind kind = http_error_kind::reset;
  std::string detail;           // for a human; no header values, no query
  bool response_begun = false;  // the head had arrived
};

/// Receives one answer on the client's thread: on_head once, on_body 0..n times, then on_end or
/// on_error once. on_error may come at any time instead. Nothing after cancel() has taken effect.
class http_handler {
public:
  virtual ~http_handler() = default;
  virtual void on_head(const http_response_head& head) = 0;
  virtual void on_body(std::string_view bytes) = 0;  // the view dies with the call
  virtual void on_end() = 0;
  virtual void on_error(const http_error& error) = 0;
};

/// Keeps connections alive and uses them again. Thread-safe.
class http_client {
public:
  virtual ~http_client() = default;

  /// Starts one exchange and returns at once. The handler is kept alive until its last callback.
  /// A kept-alive connection that turns out to be dead at once, before any byte of the answer, is
  /// replaced once, silently; nothing else is ever retried. The returned handle does not cancel
  /// when destroyed; its cancel() aborts the exchange and closes the connection.
  [[nodiscard]] virtual std::unique_ptr<pending_call>
  start(http_request request, std::shared_ptr<http_handler> handler) = 0;

  /// Closes up to `count` connections that wait for their next request, those that have waited
  /// longest first: somebody else needs their descriptors. Soon, not at once.
  virtual void close_idle(std::size_t count) = 0;
};

}  // namespace persona_runtime
