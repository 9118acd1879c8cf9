#include "domain/tool/coercion.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/ascii_case.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::string_view json_blanks = " \t\r\n";

constexpr auto type_names = std::array<std::string_view, 7>{
  "null", "boolean", "integer", "number", "string", "array", "object"};

bool is_digits(std::string_view text) {
  return !text.empty()
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "-12" or "+12", also "12.000"; none when it is not whole or does not fit.
std::optional<std::int64_t> whole_number(std::string_view text) {
  text = trimmed(text, json_blanks);
  if (const auto point = text.find('.'); point != std::string_view::npos) {
    if (text.find_first_not_of('0', point + 1) != std::string_view::npos)
      return std::nullopt;
    text = text.substr(0, point);
  }
  const auto digits = text.substr(!text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
  if (!is_digits(digits))
    return std::nullopt;
  if (text[0] == '+')
    text.remove_prefix(1);
  auto value = std::int64_t{};
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end)
    return std::nullopt;
  return value;
}

/// A finite decimal number; no hexadecimal, no "inf".
std::optional<double> decimal_number(std::string_view text) {
  text = trimmed(text, json_blanks);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
    return std::nullopt;
  auto value = 0.0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_number(double value) {
  constexpr auto bound = 9223372036854775808.0;  // 2^63
  if (std::trunc(value) != value || value >= bound || value < -bound)
    return std::nullopt;
  return static_cast<std::int64_t>(value);
}

bool to_integer(json::value& value) {
  auto whole = std::optional<std::int64_t>{};
  if (const auto* text = value.if_string())
    whole = whole_number(std::string_view{*text});
  if (const auto* number = value.if_double())
    whole = whole_number(*number);
  if (const auto* truth = value.if_bool())
    whole = *truth ? 1 : 0;
  if (whole)
    value = *whole;
  return whole.has_value();
}

bool to_number(json::value& value) {
  if (const auto* truth = value.if_bool()) {
    value = *truth ? 1 : 0;
    return true;
  }
  const auto* text = value.if_string();
  if (text == nullptr)
    return false;
  const auto digits = std::string_view{*text};
  if (const auto whole = whole_number(digits); whole && digits.find('.') == digits.npos) {
    value = *whole;
    return true;
  }
  const auto number = decimal_number(digits);
  if (number)
    value = *number;
  return number.has_value();
}

std::optional<bool> truth_of(const json::value& value) {
  if (value.is_number()) {
    const auto number = value.to_number<double>();
    if (number == 0 || number == 1)
      return number == 1;
    return std::nullopt;
  }
  if (!value.is_string())
    return std::nullopt;
  const auto word = ascii_lower(trimmed(std::string_view{value.get_string()}, json_blanks));
  if (word == "yes" || word == "true" || word == "1")
    return true;
  if (word == "no" || word == "false" || word == "0")
    return false;
  return std::nullopt;
}

}  // namespace

std::optional<schema_type> schema_type_of(std::string_view name) {
  const auto found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end())
    return std::nullopt;
  return static_cast<schema_type>(found - type_names.begin());
}

std::string_view name_of(schema_type type) {
  return type_names.at(static_cast<std::size_t>(type));
}

bool is_of(schema_type type, const json::value& value) {
  switch (type) {
  case schema_type::null:
    return value.is_null();
  case schema_type::boolean:
    return value.is_bool();
  case schema_type::integer:
    return value.is_int64() || value.is_uint64();
  case schema_type::number:
    return value.is_number();
  case schema_type::string:
    return value.is_string();
  case schema_type::array:
    return value.is_array();
  case schema_type::object:
    return value.is_object();
  }
  return false;
}

bool coerce(schema_type type, json::value& value) {
  if (is_of(type, value))
    return true;
  if (type == schema_type::integer)
    return to_integer(value);
  if (type == schema_type::number)
    return to_number(value);
  if (type == schema_type::boolean) {
    const auto truth = truth_of(value);
    if (truth)
      value = *truth;
    return truth.has_value();
  }
  return false;
}

std::string type_problem(schema_type type, const json::value& value) {
  if (type == schema_type::null)
    return "Input should be null";
  auto text = "Input should be a valid " + std::string{name_of(type)};
  if (type != schema_type::integer || !value.is_double())
    return text;
  const auto number = value.get_double();
  return text + (std::trunc(number) == number ? " of at most 64 bits" : ", without a fraction");
}

bool same_json(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number() && (a.is_double() || b.is_double()))
    return a.to_number<double>() == b.to_number<double>();
  if (a.is_array() && b.is_array()) {
    const auto& x = a.get_array();
    const auto& y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), same_json);
  }
  if (a.is_object() && b.is_object()) {
    const auto& x = a.get_object();
    const auto& y = b.get_object();
    return x.size() == y.size() && std::all_of(x.begin(), x.end(), [&](const auto& member) {
             const auto* other = y.if_contains(member.key());
             return other != nullptr && same_json(member.value(), *other);
           });
  }
  return a == b;
}

}  // namespace persona_runtime
