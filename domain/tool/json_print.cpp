#include "domain/tool/json_print.hpp"

#include "domain/text/json_text.hpp"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace persona_runtime {
namespace {

namespace json = boost::json;

void print(const json::value& value, std::string& out);

void print(const json::array& items, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0)
      out += ',';
    print(items[i], out);
  }
  out += ']';
}

void print(const json::object& members, std::string& out) {
  out += '{';
  auto first = true;
  for (const auto& member : members) {
    if (!first)
      out += ',';
    first = false;
    append_json_string(out, member.key());
    out += ':';
    print(member.value(), out);
  }
  out += '}';
}

void print(const json::value& value, std::string& out) {
  if (const auto* items = value.if_array())
    return print(*items, out);
  if (const auto* members = value.if_object())
    return print(*members, out);
  if (const auto* text = value.if_string())
    return append_json_string(out, *text);
  if (const auto* number = value.if_double()) {
    out += std::isfinite(*number) ? float_text(*number) : "null";
    return;
  }
  out += json::serialize(value);
}

}  // namespace

std::string json_text(const json::value& value) {
  auto out = std::string{};
  print(value, out);
  return out;
}

std::string float_text(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  const auto size = std::abs(value);
  // The bounds at which Python's repr turns to exponents, so that both print alike.
  const auto plain = value == 0 || (size >= 1e-4 && size < 1e16);
  auto buffer = std::array<char, 64>{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                     .ptr;
  auto text = std::string(buffer.data(), end);
  if (plain && text.find('.') == std::string::npos)
    text += ".0";
  return text;
}

}  // namespace persona_runtime
