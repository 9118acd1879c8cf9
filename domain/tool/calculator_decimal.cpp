#include "domain/tool/calculator_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace persona_runtime {
namespace {

namespace mp = boost::multiprecision;

/// The size of an exponent that no number within the bounds can have.
constexpr std::int64_t hopeless_exponent = 20'000;

/// A leading zero would make it octal.
big_integer integer_of(const std::string& digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string::npos ? big_integer{0} : big_integer{digits.substr(first)};
}

std::int64_t exponent_of(std::string_view text) {
  if (text.starts_with('+'))
    text.remove_prefix(1);
  auto exponent = std::int64_t{0};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (read.ec != std::errc{})
    return text.starts_with('-') ? -hopeless_exponent : hopeless_exponent;
  return std::clamp(exponent, -hopeless_exponent, hopeless_exponent);
}

}  // namespace

calculator_error too_many_bits() {
  return {"Limit", "a number would have more than 20,000 bits"};
}

calculator_error too_many_places() {
  return {"Limit", "a number would have more than 6,020 digits behind the point"};
}

unsigned bits_of(const big_integer& value) {
  return value == 0 ? 0U : static_cast<unsigned>(mp::msb(mp::abs(value))) + 1;
}

big_integer ten_to(unsigned power) {
  return mp::pow(big_integer{10}, power);
}

unsigned take_powers(big_integer& value, unsigned base, unsigned most) {
  auto taken = 0U;
  // In powers of two of them, so that thousands cost a dozen divisions.
  for (auto step = 8'192U; step > 0; step /= 2) {
    if (taken + step > most || bits_of(value) <= step)
      continue;
    auto quotient = big_integer{};
    auto rest = big_integer{};
    mp::divide_qr(value, big_integer{mp::pow(big_integer{base}, step)}, quotient, rest);
    if (rest != 0)
      continue;
    value = std::move(quotient);
    taken += step;
  }
  return taken;
}

calculation within_bits(big_integer value) {
  if (bits_of(value) > integer_bits_max)
    return too_many_bits();
  return calculator_number{std::move(value)};
}

calculation within_places(big_integer digits, unsigned scale) {
  scale = digits == 0 ? 0 : scale - take_powers(digits, 10, scale);
  if (bits_of(digits) > integer_bits_max)
    return too_many_bits();
  if (scale > places_max)
    return too_many_places();
  return calculator_number{std::move(digits), scale, true};
}

calculation parse_decimal(std::string_view text) {
  const auto e = text.find('e');
  auto digits = std::string{text.substr(0, e)};
  auto scale = std::int64_t{0};
  if (const auto point = digits.find('.'); point != std::string::npos) {
    digits.erase(point, 1);
    scale = static_cast<std::int64_t>(digits.size() - point);
  }
  if (e != std::string_view::npos)
    scale -= exponent_of(text.substr(e + 1));
  auto value = integer_of(digits);
  if (value == 0 || scale >= 0)
    return within_places(std::move(value), scale < 0 ? 0U : static_cast<unsigned>(scale));
  if (-scale > places_max)
    return too_many_bits();
  return within_places(value * ten_to(static_cast<unsigned>(-scale)), 0);
}

calculation shortest_decimal(double value) {
  if (std::isnan(value))
    return calculator_error{"Domain", "the function has no value there"};
  if (std::isinf(value))
    return calculator_error{"Overflow", "the result is too large for a float"};
  auto buffer = std::array<char, 64>{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                 std::chars_format::scientific)
                     .ptr;
  auto size = parse_decimal({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
  return size && value < 0 ? negated(std::move(*size)) : size;
}

calculated<double> nearest_double(const calculator_number& value) {
  const auto text = text_of(value);
  auto nearest = 0.0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), nearest);
  if (read.ec != std::errc::result_out_of_range && std::isfinite(nearest))
    return nearest;
  // The library does not say whether it was too large or too near to 0.
  if (value.scale > 0 && mp::abs(value.digits) < ten_to(value.scale))
    return 0.0;
  return calculator_error{"Overflow", "the number is too large for a float"};
}

std::string text_of(const calculator_number& value) {
  auto text = big_integer{mp::abs(value.digits)}.str();
  if (text.size() <= value.scale)
    text.insert(0, value.scale + 1 - text.size(), '0');
  if (value.scale > 0)
    text.insert(text.size() - value.scale, 1, '.');
  else if (value.decimal)
    text += ".0";
  return value.digits < 0 ? '-' + text : text;
}

}  // namespace persona_runtime
