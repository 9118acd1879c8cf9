#include "domain/tool/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// What may follow a lead byte: how many bytes, and the range of the first of them, which is where
/// overlong forms, surrogates and values over U+10FFFF show.
struct lead {
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

lead lead_of(unsigned char c) {
  if (c < 0x80)
    return {1};
  if (c >= 0xC2 && c <= 0xDF)
    return {2};
  if (c == 0xE0)
    return {3, 0xA0, 0xBF};
  if (c == 0xED)
    return {3, 0x80, 0x9F};
  if (c >= 0xE1 && c <= 0xEF)
    return {3};
  if (c == 0xF0)
    return {4, 0x90, 0xBF};
  if (c == 0xF4)
    return {4, 0x80, 0x8F};
  if (c >= 0xF1 && c <= 0xF3)
    return {4};
  return {0};
}

/// Length of the sequence at `at`, and whether it is whole.
std::pair<std::size_t, bool> sequence_at(std::string_view text, std::size_t at) {
  const auto expected = lead_of(static_cast<unsigned char>(text[at]));
  if (expected.length <= 1)
    return {1, expected.length == 1};
  auto length = std::size_t{1};
  for (; length < expected.length && at + length < text.size(); ++length) {
    const auto c = static_cast<unsigned char>(text[at + length]);
    const auto low = length == 1 ? expected.low : 0x80;
    const auto high = length == 1 ? expected.high : 0xBF;
    if (c < low || c > high)
      break;
  }
  return {length, length == expected.length};
}

}  // namespace

std::size_t code_point_count(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string_view first_code_points(std::string_view text, std::size_t points) {
  auto seen = std::size_t{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_continuation(text[i]) && seen++ == points)
      return text.substr(0, i);
  }
  return text;
}

std::string_view first_bytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes)
    return text;
  auto end = bytes;
  while (end > 0 && bytes - end < 3 && is_continuation(text[end]))
    --end;
  return text.substr(0, end);
}

std::string well_formed(std::string_view text) {
  auto out = std::string{};
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto [length, whole] = sequence_at(text, i);
    out += whole ? text.substr(i, length) : replacement;
    i += length;
  }
  return out;
}

std::string printable(std::string_view text, std::size_t points) {
  auto out = well_formed(text);
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return std::string{first_code_points(out, points)};
}

}  // namespace persona_runtime
