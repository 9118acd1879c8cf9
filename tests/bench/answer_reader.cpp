#include "tests/bench/answer_reader.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace persona_runtime::bench {
namespace {

constexpr auto answer_line_bytes_max = std::size_t{64} << 10;

std::size_t number_in(std::string_view digits, int base) {
  auto value = std::size_t{0};
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return value;
}

/// The value of a header; `name` in small letters.
std::optional<std::string> header_of(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    const auto matches = colon == name.size()
                         && std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
                              return a == std::tolower(static_cast<unsigned char>(b));
                            });
    if (!matches)
      continue;
    line.remove_prefix(std::min(line.find_first_not_of(" \t", colon + 1), line.size()));
    return std::string{line};
  }
  return std::nullopt;
}

}  // namespace

std::string_view answer_reader::take(std::string_view& bytes) {
  switch (phase_) {
  case phase::head:
    take_head(bytes);
    return {};
  case phase::length:
    return take_body(bytes, phase::complete);
  case phase::until_close:
    left_ = bytes.size() + 1;
    return take_body(bytes, phase::until_close);
  case phase::chunk_size:
    if (take_line(bytes))
      read_chunk_size();
    return {};
  case phase::chunk:
    return take_body(bytes, phase::chunk_end);
  case phase::chunk_end:
    if (take_line(bytes)) {
      phase_ = line_.empty() ? phase::chunk_size : phase::malformed;
      line_ = {};
    }
    return {};
  case phase::trailer:
    if (take_line(bytes)) {
      phase_ = line_.empty() ? phase::complete : phase::trailer;
      line_ = {};
    }
    return {};
  default:
    return {};
  }
}

std::string_view answer_reader::take_body(std::string_view& bytes, phase after) {
  const auto piece = bytes.substr(0, left_);
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  if (left_ == 0)
    phase_ = after;
  return piece;
}

/// True when line_ holds a whole line, without its end.
bool answer_reader::take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  line_.append(bytes.substr(0, end));
  bytes.remove_prefix(std::min(end == std::string_view::npos ? end : end + 1, bytes.size()));
  if (line_.size() > answer_line_bytes_max)
    phase_ = phase::malformed;
  if (end == std::string_view::npos || phase_ == phase::malformed)
    return false;
  if (line_.ends_with('\r'))
    line_.pop_back();
  return true;
}

void answer_reader::take_head(std::string_view& bytes) {
  const auto before = line_.size();
  line_.append(bytes.substr(0, answer_line_bytes_max));
  const auto end = line_.find("\r\n\r\n");
  if (end == std::string::npos) {
    bytes = {};
    if (line_.size() >= answer_line_bytes_max)
      phase_ = phase::malformed;
    return;
  }
  bytes.remove_prefix(end + 4 - before);
  line_.resize(end + 4);
  read_head();
  line_ = {};
}

void answer_reader::read_head() {
  const auto head = std::string_view{line_};
  if (!head.starts_with("HTTP/1.1 ")) {
    phase_ = phase::malformed;
    return;
  }
  status_ = static_cast<int>(number_in(head.substr(9, 3), 10));
  keeps_alive_ = header_of(head, "connection") != "close";
  const auto length = header_of(head, "content-length");
  left_ = length ? number_in(*length, 10) : 0;
  if (status_ == 204 || (length && left_ == 0)) {
    phase_ = phase::complete;
  } else if (length) {
    phase_ = phase::length;
  } else {
    phase_ = header_of(head, "transfer-encoding") ? phase::chunk_size : phase::until_close;
  }
}

void answer_reader::read_chunk_size() {
  left_ = number_in(line_, 16);
  phase_ = left_ == 0 ? phase::trailer : phase::chunk;
  line_ = {};
}

answer_reader::state answer_reader::now() const {
  if (phase_ == phase::complete)
    return state::complete;
  return phase_ == phase::malformed ? state::malformed : state::reading;
}

answer_reader::state answer_reader::end() {
  phase_ = phase_ == phase::until_close ? phase::complete : phase::malformed;
  keeps_alive_ = false;
  return now();
}

}  // namespace persona_runtime::bench
