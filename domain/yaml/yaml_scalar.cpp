#include "domain/yaml/yaml_scalar.hpp"

#include "domain/text/ascii.hpp"
#include "domain/yaml/timestamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <string>

namespace persona_runtime {
namespace {

constexpr std::array<std::string_view, 9> true_words{"yes",  "Yes", "YES", "true", "True",
                                                     "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 9> false_words{"no",    "No",  "NO",  "false", "False",
                                                      "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> null_words{"", "~", "null", "Null", "NULL"};

bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-'))
    text.remove_prefix(1);
  return text;
}

bool consists_of(std::string_view text, std::string_view alphabet) {
  return !text.empty() && text.find_first_not_of(alphabet) == std::string_view::npos;
}

constexpr std::string_view decimal_digits = "0123456789_";

/// The tail of a sexagesimal number: ":30", ":59:07", each part below 60.
bool is_sexagesimal_tail(std::string_view text) {
  if (text.empty())
    return false;
  while (!text.empty()) {
    if (text.front() != ':')
      return false;
    text.remove_prefix(1);
    std::size_t n = 0;
    while (n < text.size() && n < 2 && is_ascii_digit(text[n]))
      ++n;
    if (n == 0 || (n == 2 && text[0] > '5'))
      return false;
    text.remove_prefix(n);
  }
  return true;
}

int base_of(std::string_view digits) {
  if (digits.starts_with("0x"))
    return 16;
  if (digits.starts_with("0b"))
    return 2;
  return digits.size() > 1 && digits.front() == '0' ? 8 : 10;
}

bool is_integer(std::string_view text) {
  text = without_sign(text);
  if (text.empty() || !is_ascii_digit(text.front()))
    return false;
  switch (base_of(text)) {
  case 16:
    return consists_of(text.substr(2), "0123456789abcdefABCDEF_");
  case 2:
    return consists_of(text.substr(2), "01_");
  case 8:
    return consists_of(text, "01234567_");
  default:
    break;
  }
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return consists_of(text, decimal_digits);
  return text.front() != '0' && consists_of(text.substr(0, colon), decimal_digits)
         && is_sexagesimal_tail(text.substr(colon));
}

bool is_exponent(std::string_view text) {
  if (text.empty())
    return true;
  if (text.size() < 3 || (text[0] != 'e' && text[0] != 'E') || (text[1] != '+' && text[1] != '-'))
    return false;
  return consists_of(text.substr(2), "0123456789");
}

bool is_infinite(std::string_view text) {
  text = without_sign(text);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

bool is_nan(std::string_view text) {
  return text == ".nan" || text == ".NaN" || text == ".NAN";
}

bool is_real(std::string_view text) {
  if (is_infinite(text) || is_nan(text))
    return true;
  text = without_sign(text);
  auto dot = text.find('.');
  if (dot == std::string_view::npos)
    return false;
  auto whole = text.substr(0, dot);
  auto rest = text.substr(dot + 1);
  auto digits = std::min(rest.find_first_not_of(decimal_digits), rest.size());
  if (auto colon = whole.find(':'); colon != std::string_view::npos) {
    return is_ascii_digit(whole.front()) && consists_of(whole.substr(0, colon), decimal_digits)
           && is_sexagesimal_tail(whole.substr(colon)) && digits == rest.size();
  }
  if (whole.empty())
    return digits > 0 && rest.front() != '_' && is_exponent(rest.substr(digits));
  return is_ascii_digit(whole.front()) && consists_of(whole, decimal_digits)
         && is_exponent(rest.substr(digits));
}

double decimal_value(std::string_view text) {
  double out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range) {  // too large or too small: only the former matters
    return text.find("e-") == std::string_view::npos && text.find("E-") == std::string_view::npos
             ? std::numeric_limits<double>::infinity()
             : 0.0;
  }
  return out;
}

double sexagesimal_value(std::string_view text) {
  double out = 0;
  while (true) {
    auto colon = text.find(':');
    out = out * 60 + decimal_value(text.substr(0, colon));
    if (colon == std::string_view::npos)
      return out;
    text.remove_prefix(colon + 1);
  }
}

double based_value(std::string_view digits, int base) {
  double out = 0;
  for (char c : digits) {
    int digit = is_ascii_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    out = out * base + digit;
  }
  return out;
}

}  // namespace

yaml_kind kind_of_plain(std::string_view text) {
  if (is_one_of(text, null_words))
    return yaml_kind::null;
  if (is_one_of(text, true_words) || is_one_of(text, false_words))
    return yaml_kind::boolean;
  if (is_integer(text))
    return yaml_kind::integer;
  if (is_real(text))
    return yaml_kind::real;
  if (is_ascii_digit(text.front()) && parse_time(text))
    return yaml_kind::timestamp;
  return yaml_kind::text;
}

bool boolean_of(std::string_view text) {
  return is_one_of(text, true_words);
}

double number_of(yaml_kind kind, std::string_view text) {
  if (is_nan(text))
    return std::numeric_limits<double>::quiet_NaN();
  double sign = text.starts_with('-') ? -1.0 : 1.0;
  if (is_infinite(text))
    return sign * std::numeric_limits<double>::infinity();
  std::string digits{without_sign(text)};
  std::erase(digits, '_');
  if (digits.find(':') != std::string::npos)
    return sign * sexagesimal_value(digits);
  int base = kind == yaml_kind::integer ? base_of(digits) : 10;
  if (base == 10)
    return sign * decimal_value(digits);
  return sign * based_value(std::string_view{digits}.substr(base == 8 ? 1 : 2), base);
}

std::optional<double> quoted_number(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return std::nullopt;
  text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
  auto digits = without_sign(text);
  if (!consists_of(digits, "0123456789.eE+-") || digits.front() == '+' || digits.front() == '-')
    return std::nullopt;
  double out = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return text.front() == '-' ? -out : out;
}

}  // namespace persona_runtime
