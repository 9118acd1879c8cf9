#include "domain/tool/calculator_number.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace persona_runtime {
namespace {

namespace mp = boost::multiprecision;

const calculator_error by_zero{"ZeroDivision", "division by zero"};

/// The least bits that a factor of 10^`places` adds: log2(10) is 3.32192…
unsigned bits_of_places(unsigned places) {
  return static_cast<unsigned>(places * std::uint64_t{33'219} / 10'000);
}

/// The least bits that `value` has when it is written with `scale` places.
unsigned bits_at(const calculator_number& value, unsigned scale) {
  const auto bits = bits_of(value.digits);
  return bits == 0 ? 0 : bits + bits_of_places(scale - value.scale);
}

big_integer digits_at(const calculator_number& value, unsigned scale) {
  return value.digits * ten_to(scale - value.scale);
}

/// Two numbers written with the same places. Up to twice the bits of one: for use on the way only.
struct aligned {
  big_integer a;
  big_integer b;
  unsigned scale;
};

aligned align(const calculator_number& a, const calculator_number& b) {
  const auto scale = std::max(a.scale, b.scale);
  return {digits_at(a, scale), digits_at(b, scale), scale};
}

calculation result_of(big_integer digits, unsigned scale, bool decimal) {
  return decimal ? within_places(std::move(digits), scale) : within_bits(std::move(digits));
}

template <class Operation>
calculation sum_of(const calculator_number& a, const calculator_number& b, Operation op) {
  const auto scale = std::max(a.scale, b.scale);
  if (std::max(bits_at(a, scale), bits_at(b, scale)) > integer_bits_max + 1)
    return too_many_bits();
  const auto both = align(a, b);
  return result_of(op(both.a, both.b), both.scale, a.decimal || b.decimal);
}

/// The exponent of the first digit of `a` / `b`, both above 0: 0 from 1 to below 10.
int leading_place(const big_integer& a, const big_integer& b) {
  const auto more = static_cast<int>(a.str().size()) - static_cast<int>(b.str().size());
  const auto places = static_cast<unsigned>(std::abs(more));
  const auto reached = more < 0 ? a * ten_to(places) >= b : a >= b * ten_to(places);
  return reached ? more : more - 1;
}

/// `a` / `b` without a common factor, `b` above 1 with factors other than 2 and 5.
calculation rounded_quotient(const big_integer& a, const big_integer& b) {
  const auto scale = std::max(0, quotient_digits - 1 - leading_place(mp::abs(a), b));
  if (scale > static_cast<int>(places_max) + quotient_digits)
    return too_many_places();
  const auto places = static_cast<unsigned>(scale);
  return within_places(nearest_quotient(a * ten_to(places), b), places);
}

calculation quotient_of(big_integer a, big_integer b) {
  const auto common = big_integer{mp::gcd(a, b)};
  a /= b < 0 ? big_integer{-common} : common;
  b = mp::abs(b) / common;
  auto left = b;
  const auto twos = static_cast<unsigned>(mp::lsb(left));
  left >>= twos;
  const auto fives = take_powers(left, 5, places_max + 1);
  if (left != 1)
    return rounded_quotient(a, b);
  const auto places = std::max(twos, fives);
  if (places > places_max)
    return too_many_places();
  if (bits_of(a) + bits_of_places(places) > integer_bits_max + bits_of(b) + 1)
    return too_many_bits();
  return within_places(a * ten_to(places) / b, places);
}

calculation whole_power(const calculator_number& base, unsigned exponent) {
  const auto bits = bits_of(base.digits);
  // (bits-1)*exponent+1 is the least that the power can have. What passes is at most twice the
  // bound, and is looked at again when it is there.
  if (bits > 1 && (bits - 1) * std::uint64_t{exponent} + 1 > integer_bits_max)
    return too_many_bits();
  if (base.scale * std::uint64_t{exponent} > places_max)
    return too_many_places();
  return result_of(mp::pow(base.digits, exponent), base.scale * exponent, base.decimal);
}

calculation fractional_power(const calculator_number& base, const calculator_number& exponent) {
  const auto x = nearest_double(base);
  if (!x)
    return x.error();
  const auto y = nearest_double(exponent);
  if (!y)
    return y.error();
  if (*x == 0 && *y < 0)
    return calculator_error{"ZeroDivision", "0 has no negative power"};
  if (*x < 0)
    return calculator_error{"Domain", "a negative number has no real root of that kind"};
  return shortest_decimal(std::pow(*x, *y));
}

}  // namespace

floored divide_floor(const big_integer& value, const big_integer& unit) {
  auto parts = floored{};
  mp::divide_qr(value, unit, parts.quotient, parts.rest);
  if (parts.rest != 0 && (parts.rest < 0) != (unit < 0)) {
    parts.quotient -= 1;
    parts.rest += unit;
  }
  return parts;
}

big_integer nearest_quotient(const big_integer& value, const big_integer& unit) {
  auto parts = divide_floor(value, unit);
  const auto twice = big_integer{parts.rest * 2};
  if (twice > unit || (twice == unit && mp::bit_test(mp::abs(parts.quotient), 0)))
    parts.quotient += 1;
  return parts.quotient;
}

calculation negated(calculator_number value) {
  value.digits = -value.digits;
  return value;
}

calculation add(const calculator_number& a, const calculator_number& b) {
  return sum_of(a, b, [](const auto& x, const auto& y) { return big_integer{x + y}; });
}

calculation subtract(const calculator_number& a, const calculator_number& b) {
  return sum_of(a, b, [](const auto& x, const auto& y) { return big_integer{x - y}; });
}

calculation multiply(const calculator_number& a, const calculator_number& b) {
  // The product has this many bits or one less.
  if (bits_of(a.digits) + bits_of(b.digits) > integer_bits_max + 1)
    return too_many_bits();
  return result_of(a.digits * b.digits, a.scale + b.scale, a.decimal || b.decimal);
}

calculation divide(const calculator_number& a, const calculator_number& b) {
  if (b.digits == 0)
    return by_zero;
  auto both = align(a, b);
  return quotient_of(std::move(both.a), std::move(both.b));
}

calculation divide_down(const calculator_number& a, const calculator_number& b) {
  if (b.digits == 0)
    return by_zero;
  const auto both = align(a, b);
  if (bits_of(both.a) > integer_bits_max + bits_of(both.b))
    return too_many_bits();
  return result_of(divide_floor(both.a, both.b).quotient, 0, a.decimal || b.decimal);
}

calculation remainder_of(const calculator_number& a, const calculator_number& b) {
  if (b.digits == 0)
    return by_zero;
  const auto both = align(a, b);
  return result_of(divide_floor(both.a, both.b).rest, both.scale, a.decimal || b.decimal);
}

calculation raise(const calculator_number& base, const calculator_number& exponent) {
  const auto size = big_integer{mp::abs(exponent.digits)};
  if (size > exponent_max * ten_to(exponent.scale))
    return calculator_error{"Limit", "an exponent is at most 1000"};
  if (exponent.scale > 0)
    return fractional_power(base, exponent);
  auto power = whole_power(base, static_cast<unsigned>(size));
  if (!power)
    return power;
  if (exponent.digits >= 0) {
    power->decimal = base.decimal || exponent.decimal;
    return power;
  }
  if (base.digits == 0)
    return calculator_error{"ZeroDivision", "0 has no negative power"};
  return divide({big_integer{1}}, *power);
}

}  // namespace persona_runtime
