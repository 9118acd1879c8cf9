#include "domain/text/json_text.hpp"

#include "domain/text/utf8.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace persona_runtime {
namespace {

constexpr auto hex = std::string_view{"0123456789abcdef"};

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"'
         && c != '\\';
}

constexpr std::uint64_t in_each_byte(std::uint64_t byte) {
  return byte * 0x0101010101010101u;
}

/// The top bit of a byte is set where that byte is not plain. Borrows can also set it further up,
/// in the bytes behind such a one, but never below the first.
std::uint64_t marks_of(std::uint64_t word) {
  const auto no_quote = (word ^ in_each_byte('"')) - in_each_byte(1);
  const auto no_backslash = (word ^ in_each_byte('\\')) - in_each_byte(1);
  const auto no_control = word - in_each_byte(0x20);
  return (word | no_control | no_quote | no_backslash) & in_each_byte(0x80);
}

/// Which byte, in the order of memory, holds the first of these bits.
std::size_t first_byte_of(std::uint64_t marks) {
  static_assert(std::endian::native == std::endian::little, "texts are read word by word");
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

/// The end of the plain bytes from `at` on, eight at a time: prompts are mostly that.
std::size_t plain_end(std::string_view text, std::size_t at) {
  for (auto word = std::uint64_t{}; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if (const auto marks = marks_of(word); marks != 0)
      return at + first_byte_of(marks);
  }
  while (at < text.size() && is_plain(text[at]))
    ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (auto at = std::size_t{0}; at < text.size();) {
    const auto end = plain_end(text, at);
    out.append(text.substr(at, end - at));
    at = end;
    if (at == text.size())
      break;
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      append_escape(out, text[at++]);
      continue;
    }
    const auto step = decode_at(text, at);
    if (step.valid)
      out.append(text.substr(at, step.bytes));
    else
      out += "\xEF\xBF\xBD";
    at += step.bytes;
  }
  out += '"';
}

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  auto digits = std::array<char, 32>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace persona_runtime
