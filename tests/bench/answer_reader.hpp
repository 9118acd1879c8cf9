#pragma once
// Reads HTTP/1.1 answers of one connection as they arrive: a length, chunks, or until it closes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime::bench {

class answer_reader {
public:
  enum class state : std::uint8_t { reading, complete, malformed };

  /// Takes bytes up to the end of the answer. Calls `body(view)` for pieces of the body; views die
  /// with the call. What comes behind the answer is an error of the server: `malformed`.
  template <class Body>
  state feed(std::string_view bytes, Body&& body) {
    while (!bytes.empty() && phase_ < phase::complete) {
      const auto piece = take(bytes);
      if (!piece.empty())
        body(piece);
    }
    if (!bytes.empty())
      phase_ = phase::malformed;
    return now();
  }
  /// The connection was closed.
  state end();
  /// The next answer.
  void reset() { *this = {}; }

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool has_head() const { return phase_ > phase::head; }
  /// Nothing of an answer has come.
  [[nodiscard]] bool is_untouched() const { return phase_ == phase::head && line_.empty(); }
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }

private:
  enum class phase : std::uint8_t {
    head,
    length,  // left_ bytes of body
    until_close,
    chunk_size,  // a line
    chunk,       // left_ bytes, and the line end behind them
    chunk_end,
    trailer,  // lines up to an empty one
    complete,
    malformed,
  };

  /// Moves on; what of it is body.
  std::string_view take(std::string_view& bytes);
  std::string_view take_body(std::string_view& bytes, phase after);
  bool take_line(std::string_view& bytes);
  void take_head(std::string_view& bytes);
  void read_head();
  void read_chunk_size();
  [[nodiscard]] state now() const;

  phase phase_ = phase::head;
  bool keeps_alive_ = true;
  int status_ = 0;
  std::size_t left_ = 0;
  std::string line_;  // of a head or line that is not complete
};

}  // namespace persona_runtime::bench
