#pragma once
// Bytes of a connection to requests. Strict; hostile input ends in a fault that has a status.

#include "api/http/http_request.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::api {

/// Reads one request; for the next one make another parser. Not thread-safe.
class request_parser {
public:
  struct fault {
    unsigned status;         // 400, 413 or 431
    std::string_view token;  // "bad_request", …
    std::string detail;
  };

  /// Sizes in bytes. `takes_large` decides by the head whether a body may have up to `large` bytes
  /// instead of `usual`: then its Content-Length must say so. Null: none may.
  struct bounds {
    std::size_t header = 0;
    std::size_t usual = 0;
    std::size_t large = 0;
    bool (*takes_large)(std::string_view method, std::string_view target) = nullptr;
  };

  explicit request_parser(const bounds& limits);
  ~request_parser();
  request_parser(const request_parser&) = delete;
  request_parser& operator=(const request_parser&) = delete;

  /// Takes from `bytes`; returns how many were used. Of an unfinished head and of an unfinished
  /// end of a chunked body nothing is used: hand the same bytes in again with what follows them.
  std::size_t feed(std::string_view bytes);

  [[nodiscard]] bool has_head() const;
  [[nodiscard]] bool is_complete() const;
  /// The length of a body over `usual` that is allowed; 0: it is none. After the head.
  [[nodiscard]] std::size_t large_length() const;
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool wants_continue() const;
  /// Why no request will come of this.
  [[nodiscard]] const std::optional<fault>& failed() const { return fault_; }

  /// The request; call it once, when complete.
  [[nodiscard]] http_request take();

private:
  struct state;
  void count_head(std::size_t bytes);
  void bound_head(std::size_t bytes);
  void check_head();
  void bound_body();
  [[nodiscard]] std::size_t least_bytes() const;

  std::unique_ptr<state> state_;
  std::optional<fault> fault_;
  std::size_t head_bytes_ = 0;
  bool head_checked_ = false;
};

}  // namespace persona_runtime::api
