#include "domain/text/base64.hpp"

#include <array>
#include <cstdint>

namespace persona_runtime {
namespace {

constexpr std::string_view base64_alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr auto base64_digits = [] {
  auto out = std::array<std::uint8_t, 256>{};
  out.fill(no_digit);
  for (auto i = std::size_t{0}; i < base64_alphabet.size(); ++i)
    out[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
}

/// Four base64_digits as 24 bits; padding counts as zero. None: one of them is no digit.
std::optional<std::uint32_t> group_at(std::string_view text, std::size_t at, std::size_t count) {
  auto bits = std::uint32_t{0};
  for (auto i = std::size_t{0}; i < 4; ++i) {
    const auto digit =
      i < count ? base64_digits[static_cast<unsigned char>(text[at + i])] : std::uint8_t{0};
    if (digit == no_digit)
      return std::nullopt;
    bits = bits << 6 | digit;
  }
  return bits;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (auto i = std::size_t{0}; i < bytes.size(); i += 3) {
    const auto bits = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    out += base64_alphabet[bits >> 18];
    out += base64_alphabet[bits >> 12 & 63];
    out += i + 1 < bytes.size() ? base64_alphabet[bits >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? base64_alphabet[bits & 63] : '=';
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  auto padding = std::size_t{0};
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
    ++padding;
  auto out = std::string{};
  out.reserve(text.size() / 4 * 3);
  for (auto at = std::size_t{0}; at < text.size(); at += 4) {
    const auto is_last = at + 4 == text.size();
    const auto bits = group_at(text, at, is_last ? 4 - padding : 4);
    const auto unused = is_last ? padding * 8 : 0;
    if (!bits || (*bits & ((1u << unused) - 1)) != 0)
      return std::nullopt;
    out += static_cast<char>(*bits >> 16 & 255);
    out += static_cast<char>(*bits >> 8 & 255);
    out += static_cast<char>(*bits & 255);
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace persona_runtime
