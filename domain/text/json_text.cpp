#include "domain/text/json_text.hpp"

#include "domain/text/utf8.hpp"

#include <array>
#include <bit>
#include <cmath>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace persona_runtime {
namespace {

constexpr auto hex = std::string_view{"0123456789abcdef"};

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"'
         && c != '\\';
}

/// The end of the plain bytes from `at` on, sixteen at a time: prompts are mostly that.
std::size_t plain_end(std::string_view text, std::size_t at) {
#ifdef __SSE2__
  const auto quote = _mm_set1_epi8('"');
  const auto backslash = _mm_set1_epi8('\\');
  const auto blank = _mm_set1_epi8(0x20);
  for (; at + sizeof(__m128i) <= text.size(); at += sizeof(__m128i)) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const auto marked =
      _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    // As signed numbers all that is no ASCII is below a blank, like the control characters.
    const auto marks = _mm_movemask_epi8(_mm_or_si128(marked, _mm_cmplt_epi8(bytes, blank)));
    if (marks != 0)
      return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(marks)));
  }
#endif
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
