#include "tests/bench/call_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace persona_runtime::bench {
namespace {

constexpr auto pattern = std::string_view{"\"role\":\"tool\""};
constexpr auto call_head_bytes_max = std::size_t{16} << 10;

std::size_t body_bytes_of(std::string_view head) {
  for (const auto name : {"Content-Length: ", "content-length: ", "Content-length: "}) {
    const auto at = head.find(name);
    if (at == std::string_view::npos)
      continue;
    auto bytes = std::size_t{0};
    const auto digits = head.substr(at + std::strlen(name));
    std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    return bytes;
  }
  return 0;
}

std::string path_of(std::string_view head) {
  const auto from = head.find(' ');
  const auto to = head.find(' ', from + 1);
  return std::string{head.substr(from + 1, to - from - 1)};
}

}  // namespace

void tool_counter::feed(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    if (matched_ == 0) {
      const auto* quote =
        static_cast<const char*>(std::memchr(bytes.data() + i, pattern.front(), bytes.size() - i));
      if (quote == nullptr)
        return;
      i = static_cast<std::size_t>(quote - bytes.data()) + 1;
      matched_ = 1;
    } else if (bytes[i] == pattern[matched_]) {
      ++i;
      if (++matched_ == pattern.size()) {
        ++count_;
        matched_ = 0;
      }
    } else {
      // A quote that ends what matched may be the one that begins the pattern.
      matched_ = matched_ > 1 && pattern[matched_ - 1] == pattern.front() ? 1 : 0;
    }
  }
}

call_reader::state call_reader::feed(std::string_view& bytes) {
  if (!in_body_) {
    if (const auto at = read_head(bytes); at != state::complete)
      return at;
  }
  const auto part = bytes.substr(0, std::min(bytes.size(), body_left_));
  counter_.feed(part);
  body_left_ -= part.size();
  bytes.remove_prefix(part.size());
  return body_left_ == 0 ? state::complete : state::reading;
}

call_reader::state call_reader::read_head(std::string_view& bytes) {
  const auto before = head_.size();
  head_.append(bytes.substr(0, call_head_bytes_max));
  const auto end = head_.find("\r\n\r\n");
  if (end == std::string::npos) {
    bytes = {};
    return head_.size() >= call_head_bytes_max ? state::malformed : state::reading;
  }
  bytes.remove_prefix(end + 4 - before);
  head_.resize(end + 4);
  body_left_ = body_bytes_of(head_);
  is_get_ = head_.starts_with("GET ");
  if (is_get_)
    path_ = path_of(head_);
  head_ = {};
  in_body_ = true;
  return state::complete;
}

read_call call_reader::take() {
  in_body_ = false;
  return {std::exchange(counter_, {}).count(), std::exchange(is_get_, false),
          std::exchange(path_, {})};
}

}  // namespace persona_runtime::bench
