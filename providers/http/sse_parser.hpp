#pragma once
// Server-sent events out of bytes, cut anywhere.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// One event as received. The views die with the callback.
struct sse_event {
  std::string_view name;  // the `event` field; empty when there was none, which means "message"
  std::string_view data;  // the `data` fields joined by line feeds
  std::string_view id;    // the `id` field of this event; empty when there was none
};

inline constexpr std::size_t sse_line_bytes_max = 1u << 20;
inline constexpr std::size_t sse_event_bytes_max = 8u << 20;

/// Follows the WHATWG event-stream grammar: lines end in LF, CR or CRLF; a leading byte order
/// mark and comments are passed over; `retry` is ignored. Deviates in one point: the last line and
/// the last event count without the line ends behind them, because vendors forget those. Equal
/// bytes give equal events however they are cut. Does not copy or allocate for an event of one data
/// line that lies within one piece.
class sse_parser {
public:
  /// Returns false to stop: the rest of the piece is then not looked at.
  using on_event = std::function<bool(const sse_event&)>;

  explicit sse_parser(on_event callback) : on_event_{std::move(callback)} {}

  /// False when a bound was passed (see error()) or the callback has stopped it; feed nothing
  /// more then.
  bool feed(std::string_view bytes);
  /// The stream has ended.
  bool finish();

  /// What was too long; empty when all is well.
  [[nodiscard]] std::string_view error() const { return error_; }

private:
  bool take_line(std::string_view line);
  bool take_joined(std::string_view line);
  bool take_field(std::string_view name, std::string_view value);
  bool add_data(std::string_view value);
  bool flush();
  bool fail(std::string_view error);
  void skip_mark(std::string_view& bytes);
  void keep(std::string_view rest);

  on_event on_event_;
  std::string line_;  // begun in an earlier piece
  std::string data_;  // several data lines, or one that must outlive its piece
  std::string name_;
  std::string id_;
  std::string_view single_;  // the only data line so far, within the current piece
  std::string_view error_;
  std::size_t mark_seen_ = 0;  // bytes of a byte order mark so far; 3: past the beginning
  bool has_data_ = false;
  bool after_cr_ = false;  // a LF that comes next belongs to the CR before it
  bool stopped_ = false;
};

}  // namespace persona_runtime
