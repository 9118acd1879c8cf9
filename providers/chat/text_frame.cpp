#include "providers/chat/text_frame.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::size_t around_bytes_max = 1024;  // kept for as long as an answer comes
constexpr std::size_t text_bytes_max = 256;     // simdjson looks at longer ones faster

/// What JSON takes in a string as it is, and one byte each.
bool is_plain(char c) {
  return c >= ' ' && c < '\x7F' && c != '"' && c != '\\';
}

}  // namespace

void text_frame::learn(std::string_view json, std::size_t at, std::size_t size) {
  around_.clear();
  if (json.size() - size > around_bytes_max)
    return;
  around_.append(json.substr(0, at)).append(json.substr(at + size));
  before_ = at;
}

std::optional<std::string_view> text_frame::text_in(std::string_view json) const {
  constexpr auto quotes = std::size_t{2};
  if (around_.empty() || json.size() < around_.size() + quotes
      || json.size() > around_.size() + quotes + text_bytes_max)
    return std::nullopt;
  const auto around = std::string_view{around_};
  if (!json.starts_with(around.substr(0, before_)) || !json.ends_with(around.substr(before_)))
    return std::nullopt;
  const auto quoted = json.substr(before_, json.size() - around.size());
  const auto text = quoted.substr(1, quoted.size() - quotes);
  if (quoted.front() != '"' || quoted.back() != '"' || !std::ranges::all_of(text, is_plain))
    return std::nullopt;
  return text;
}

}  // namespace persona_runtime
