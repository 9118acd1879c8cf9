#include "domain/text/json_text.hpp"

#include "domain/text/utf8.hpp"

#include <array>
#include <cmath>

namespace persona_runtime {
namespace {

constexpr auto hex = std::string_view{"0123456789abcdef"};

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"'
         && c != '\\';
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
    auto end = at;
    while (end < text.size() && is_plain(text[end]))
      ++end;
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
