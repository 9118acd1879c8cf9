#pragma once
// HTTP/1.1 answers out of bytes, cut anywhere. Hands bodies on without copying them.

#include "providers/http/http_client.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace persona_runtime {

inline constexpr std::size_t response_head_bytes_max = 64u << 10;

class response_receiver {
public:
  /// The final head; those of 1xx answers are passed over.
  virtual void on_parsed_head(http_response_head head) = 0;
  /// False stops the parser for good.
  virtual bool on_parsed_body(std::string_view bytes) = 0;

protected:
  ~response_receiver() = default;
};

enum class parse_state : std::uint8_t { wants_more, done, stopped, failed };

class response_parser {
public:
  virtual ~response_parser() = default;

  /// Parses `bytes` and returns how many it took. The caller keeps the rest and gives it again,
  /// with more behind it. Not to be called after another state than wants_more.
  virtual std::size_t feed(std::string_view bytes) = 0;
  /// The peer closed: completes an answer that ends that way, else fails with `reset`.
  virtual void finish() = 0;

  [[nodiscard]] virtual parse_state state() const = 0;
  /// Why, when the state is failed.
  [[nodiscard]] virtual const http_error& error() const = 0;
  /// The connection may be used again; true only when done.
  [[nodiscard]] virtual bool keeps_alive() const = 0;
};

struct parser_limits {
  bool head_only = false;  // the answer to HEAD has no body
  std::uint64_t body_bytes_max = 0;
};

/// `receiver` outlives the parser.
[[nodiscard]] std::unique_ptr<response_parser> make_response_parser(response_receiver& receiver,
                                                                    const parser_limits& limits);

}  // namespace persona_runtime
