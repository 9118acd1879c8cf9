#include "providers/http/sse_parser.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Where the next CR or LF is. Looks at every byte once for each of the two, also when all lines
/// of a long piece end in the same one.
class line_ends {
public:
  explicit line_ends(std::string_view piece) : piece_{piece} {}

  /// `rest` is a suffix of the piece, no longer than before; its size when there is none.
  std::size_t next(std::string_view rest) {
    auto from = piece_.size() - rest.size();
    seek(lf_, '\n', from);
    seek(cr_, '\r', from);
    return std::min({lf_, cr_, piece_.size()}) - from;
  }

private:
  void seek(std::size_t& at, char mark, std::size_t from) const {
    if (at == unknown || at < from) {
      at = piece_.find(mark, from);  // npos: never asked again
    }
  }

  static constexpr auto unknown = std::string_view::npos - 1;

  std::string_view piece_;
  std::size_t lf_ = unknown;
  std::size_t cr_ = unknown;
};

}  // namespace

bool sse_parser::feed(std::string_view bytes) {
  if (stopped_) {
    return false;
  }
  skip_mark(bytes);
  if (after_cr_ && !bytes.empty()) {
    after_cr_ = false;
    bytes.remove_prefix(bytes.front() == '\n' ? 1 : 0);
  }
  auto ends = line_ends{bytes};
  while (!bytes.empty()) {
    auto end = ends.next(bytes);
    auto line = bytes.substr(0, end);
    if (line_.size() + line.size() > sse_line_bytes_max) {
      return fail("a line of the event stream is longer than 1 MiB");
    }
    if (end == bytes.size()) {
      break;
    }
    auto ends_in_cr = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (ends_in_cr) {
      after_cr_ = bytes.empty();
      bytes.remove_prefix(!bytes.empty() && bytes.front() == '\n' ? 1 : 0);
    }
    if (!(line_.empty() ? take_line(line) : take_joined(line))) {
      return false;
    }
  }
  keep(bytes);
  return true;
}

/// A line that began in an earlier piece. The copy that joins it dies here, so its data is kept.
bool sse_parser::take_joined(std::string_view line) {
  line_.append(line);
  auto whole = std::exchange(line_, {});
  auto going_on = take_line(whole);
  keep({});
  whole.clear();
  line_ = std::move(whole);  // its room is used again
  return going_on;
}

bool sse_parser::finish() {
  if (stopped_) {
    return error_.empty();
  }
  auto last = std::exchange(line_, {});
  auto going_on = last.empty() || take_line(last);
  return (going_on && flush()) || error_.empty();
}

/// What must outlive the piece it came in.
void sse_parser::keep(std::string_view rest) {
  if (has_data_ && data_.empty() && !single_.empty()) {
    data_.assign(single_);
  }
  single_ = {};
  line_.append(rest);
}

void sse_parser::skip_mark(std::string_view& bytes) {
  while (mark_seen_ < byte_order_mark.size() && !bytes.empty()) {
    if (bytes.front() == byte_order_mark[mark_seen_]) {
      bytes.remove_prefix(1);
      ++mark_seen_;
      continue;
    }
    line_.append(byte_order_mark.substr(0, mark_seen_));  // it was none after all
    mark_seen_ = byte_order_mark.size();
  }
}

bool sse_parser::take_line(std::string_view line) {
  if (line.empty()) {
    return flush();
  }
  auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return take_field(line, {});
  }
  auto value = line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') {
    value.remove_prefix(1);
  }
  return take_field(line.substr(0, colon), value);
}

bool sse_parser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    return add_data(value);
  }
  if (name == "event") {
    name_.assign(value);
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    id_.assign(value);
  }
  return true;  // comments have an empty name; other fields mean nothing
}

bool sse_parser::add_data(std::string_view value) {
  if (!has_data_) {
    has_data_ = true;
    single_ = value;
    return true;
  }
  if (data_.empty()) {
    data_.assign(single_);
    single_ = {};
  }
  if (data_.size() + 1 + value.size() > sse_event_bytes_max) {
    return fail("an event of the stream is longer than 8 MiB");
  }
  data_.append("\n").append(value);
  return true;
}

bool sse_parser::flush() {
  auto going_on = true;
  if (has_data_) {
    going_on = on_event_({name_, data_.empty() ? single_ : std::string_view{data_}, id_});
  }
  has_data_ = false;
  single_ = {};
  data_.clear();
  name_.clear();
  id_.clear();
  stopped_ = !going_on;
  return going_on;
}

bool sse_parser::fail(std::string_view error) {
  error_ = error;
  stopped_ = true;
  return false;
}

}  // namespace persona_runtime
