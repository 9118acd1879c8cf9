#include "domain/text/utf8.hpp"

#include "domain/text/unicode.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace persona_runtime {
namespace {

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
}

/// Length that a first byte announces; 0 when no character begins with it.
std::uint8_t announced_bytes(unsigned char first) {
  if (first < 0x80)
    return 1;
  if (first < 0xC2)  // continuation bytes, and C0 C1 that only overlong forms use
    return 0;
  if (first < 0xE0)
    return 2;
  if (first < 0xF0)
    return 3;
  return first < 0xF5 ? 4 : 0;
}

/// The end of the ASCII characters from `at` on, eight at a time: most texts are nothing else.
std::size_t end_of_ascii(std::string_view text, std::size_t at) {
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & 0x8080808080808080u) != 0)
      break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
    ++at;
  return at;
}

bool is_scalar(char32_t code) {
  return code < 0xD800 || (code > 0xDFFF && code < 0x110000);
}

/// How many bytes at `at`, where no character is, belong together: a first byte and what could go
/// on behind it, or one byte.
std::size_t broken_bytes(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::uint8_t announced = announced_bytes(first);
  if (announced < 2 || at + 1 >= text.size() || !is_continuation(text[at + 1]))
    return 1;
  // What these first bytes must not be followed by would make an overlong form, a surrogate or
  // more than U+10FFFF.
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const bool excluded = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)
                        || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  if (excluded)
    return 1;
  std::size_t bytes = 2;
  while (bytes < announced && at + bytes < text.size() && is_continuation(text[at + bytes]))
    ++bytes;
  return bytes;
}

}  // namespace

utf8_step decode_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::uint8_t bytes = announced_bytes(first);
  if (bytes == 1)
    return {first, 1, true};
  if (bytes == 0 || text.size() - at < bytes)
    return {};
  char32_t code = first & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[at + i]))
      return {};
    code = (code << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
  }
  static constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest.at(bytes) || !is_scalar(code))
    return {};
  return {code, bytes, true};
}

void append_utf8(std::string& out, char32_t code) {
  if (!is_scalar(code))
    code = 0xFFFD;
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool is_valid_utf8(std::string_view text) {
  for (auto at = end_of_ascii(text, 0); at < text.size(); at = end_of_ascii(text, at)) {
    const utf8_step step = decode_at(text, at);
    if (!step.valid)
      return false;
    at += step.bytes;
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (const auto end = end_of_ascii(text, at); end > at) {
      out.append(text.substr(at, end - at));
      at = end;
      continue;
    }
    const utf8_step step = decode_at(text, at);
    if (step.valid)
      out.append(text.substr(at, step.bytes));
    else
      append_utf8(out, 0xFFFD);
    at += step.valid ? step.bytes : broken_bytes(text, at);
  }
  return out;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto end = end_of_ascii(text, at); end > at) {
      count += end - at;
      at = end;
      continue;
    }
    at += decode_at(text, at).bytes;
    ++count;
  }
  return count;
}

std::string_view stripped(std::string_view text) {
  while (!text.empty()) {
    const utf8_step step = decode_at(text, 0);
    if (!step.valid || !is_blank(step.code))
      break;
    text.remove_prefix(step.bytes);
  }
  while (!text.empty()) {
    const std::size_t last = border_at_or_before(text, text.size() - 1);
    const utf8_step step = decode_at(text, last);
    if (!step.valid || !is_blank(step.code))
      break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

std::size_t border_at_or_before(std::string_view text, std::size_t at) {
  if (at >= text.size())
    return text.size();
  // A character has at most three continuation bytes; a longer row of them is not UTF-8, and
  // then every byte is a border.
  for (std::size_t back = 0; back <= std::min<std::size_t>(3, at); ++back) {
    if (!is_continuation(text[at - back])) {
      const utf8_step step = decode_at(text, at - back);
      return back < step.bytes ? at - back : at;
    }
  }
  return at;
}

std::size_t border_at_or_after(std::string_view text, std::size_t at) {
  const std::size_t before = border_at_or_before(text, at);
  return before >= at || before == text.size() ? before : before + decode_at(text, before).bytes;
}

}  // namespace persona_runtime
