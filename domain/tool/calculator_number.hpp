#pragma once
// The numbers of the calculator and what can be done with two of them. For sources of this folder
// only.

#include "domain/tool/calculator_syntax.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <variant>

namespace persona_runtime {

using big_integer = boost::multiprecision::cpp_int;
using calculator_number = std::variant<big_integer, double>;
using calculation = calculated<calculator_number>;

constexpr unsigned integer_bits_max = 20'000;
constexpr int exponent_max = 1'000;

/// Bits of the magnitude; 0 for 0.
[[nodiscard]] unsigned bits_of(const big_integer& value);

/// `value` if it has at most 20,000 bits.
[[nodiscard]] calculation within_bits(big_integer value);

/// The nearest double (ties to even); Overflow beyond its range.
[[nodiscard]] calculated<double> nearest_double(const calculator_number& value);

[[nodiscard]] calculation add(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation subtract(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation multiply(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation divide(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation divide_down(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation remainder_of(const calculator_number& a, const calculator_number& b);
[[nodiscard]] calculation raise(const calculator_number& base, const calculator_number& exponent);

}  // namespace persona_runtime
