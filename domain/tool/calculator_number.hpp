#pragma once
// The numbers of the calculator and what can be done with two of them. For sources of this folder
// only.

#include "domain/tool/calculator_syntax.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <string>
#include <string_view>

namespace persona_runtime {

using big_integer = boost::multiprecision::cpp_int;

constexpr unsigned integer_bits_max = 20'000;
/// 10^6020 is the largest power of ten within 20,000 bits.
constexpr unsigned places_max = 6'020;
constexpr int exponent_max = 1'000;
/// Digits of a quotient that does not end; digits before the point are never rounded.
constexpr int quotient_digits = 28;

/// Exactly `digits` * 10^-`scale`.
///
/// Invariants: N-1 at most 20,000 bits and 6,020 places; N-2 only a decimal has a scale above 0,
/// and its digits do not end in 0 then. A decimal with scale 0 is whole, but prints as 5.0.
struct calculator_number {
  big_integer digits;
  unsigned scale = 0;
  bool decimal = false;
};

using calculation = calculated<calculator_number>;

[[nodiscard]] calculator_error too_many_bits();
[[nodiscard]] calculator_error too_many_places();

/// Bits of the magnitude; 0 for 0.
[[nodiscard]] unsigned bits_of(const big_integer& value);
[[nodiscard]] big_integer ten_to(unsigned power);
/// The largest n up to `most` (below 16,384) with which base^n divides `value`, which is not 0 and
/// is divided by it.
[[nodiscard]] unsigned take_powers(big_integer& value, unsigned base, unsigned most);

/// `value` if it has at most 20,000 bits.
[[nodiscard]] calculation within_bits(big_integer value);
/// `digits` * 10^-`scale` without needless zeros, if it is within the bounds.
[[nodiscard]] calculation within_places(big_integer digits, unsigned scale);

/// Reads "12.5", "2e3" or ".5" without a sign.
[[nodiscard]] calculation parse_decimal(std::string_view text);
/// The decimal with the fewest digits that reads back as `value`; Domain for NaN, Overflow for
/// infinity.
[[nodiscard]] calculation shortest_decimal(double value);
/// The nearest double (ties to even); Overflow beyond its range.
[[nodiscard]] calculated<double> nearest_double(const calculator_number& value);
/// Every digit: "-12", "0.25", "5.0".
[[nodiscard]] std::string text_of(const calculator_number& value);

struct floored {
  big_integer quotient;
  big_integer rest;
};
/// `value` / `unit` (not 0), rounded down.
[[nodiscard]] floored divide_floor(const big_integer& value, const big_integer& unit);
/// The whole number nearest to `value` / `unit` (above 0), ties to the even one.
[[nodiscard]] big_integer nearest_quotient(const big_integer& value, const big_integer& unit);

[[nodiscard]] calculation negated(calculator_number value);
[[nodiscard]] calculation add(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation subtract(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation multiply(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation divide(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation divide_down(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation remainder_of(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation raise(const calculator_number& base, const calculator_number& exponent);

}  // namespace persona_runtime
