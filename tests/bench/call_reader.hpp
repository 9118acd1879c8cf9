#pragma once
// Reads the requests of one connection as they arrive and keeps nothing of them but a count, so
// that twenty thousand connections cost little.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime::bench {

/// Counts how often `"role":"tool"` stands in bytes that come in pieces.
class tool_counter {
public:
  void feed(std::string_view bytes);
  [[nodiscard]] std::size_t count() const { return count_; }

private:
  std::uint32_t count_ = 0;
  std::uint32_t matched_ = 0;  // bytes of the pattern that end the last piece
};

/// What is known of a request when its last byte has come.
struct read_call {
  std::size_t tool_results = 0;
  bool is_get = false;
  std::string path;  // of a GET
};

/// One request at a time; bytes behind it stay with the caller.
class call_reader {
public:
  enum class state : std::uint8_t { reading, complete, malformed };

  /// Takes bytes up to the end of the request; `bytes` becomes what is left.
  state feed(std::string_view& bytes);
  /// After `complete`: what it was. Ready for the next one then.
  read_call take();
  /// Nothing of a request has come.
  [[nodiscard]] bool is_between() const { return !in_body_ && head_.empty(); }

private:
  state read_head(std::string_view& bytes);

  std::string head_;
  std::size_t body_left_ = 0;
  tool_counter counter_;
  bool in_body_ = false;
  bool is_get_ = false;
  std::string path_;
};

}  // namespace persona_runtime::bench
