#include "domain/tool/calculator_number.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace persona_runtime {
namespace {

namespace mp = boost::multiprecision;

const calculator_error too_large{"Limit", "an integer would have more than 20,000 bits"};
const calculator_error by_zero{"ZeroDivision", "division by zero"};
const calculator_error out_of_range{"Overflow", "the number is too large for a float"};

const big_integer* integer_in(const calculator_number& value) {
  return std::get_if<big_integer>(&value);
}

/// The nearest double to `value` * 2^exponent. The lowest of 64 kept bits stands for all that were
/// cut off, so that one rounding decides.
double scaled(const big_integer& value, int exponent) {
  const auto bits = bits_of(value);
  if (bits == 0)
    return 0;
  auto magnitude = big_integer{mp::abs(value)};
  if (bits > 64) {
    const auto shift = bits - 64;
    const auto inexact = mp::lsb(magnitude) < shift;
    magnitude >>= shift;
    exponent += static_cast<int>(shift);
    if (inexact)
      magnitude |= 1U;
  }
  const auto size =
    std::ldexp(static_cast<double>(static_cast<std::uint64_t>(magnitude)), exponent);
  return value < 0 ? -size : size;
}

/// Both as doubles, for an operation that has left the integers.
template <class Operation>
calculation as_doubles(const calculator_number& a, const calculator_number& b, Operation op) {
  const auto x = nearest_double(a);
  if (!x)
    return x.error();
  const auto y = nearest_double(b);
  if (!y)
    return y.error();
  return op(*x, *y);
}

calculation divide_integers(const big_integer& a, const big_integer& b) {
  if (b == 0)
    return by_zero;
  // 66 bits of quotient and one for "something was left" are more than any rounding looks at.
  const auto shift = 66 + static_cast<int>(bits_of(b)) - static_cast<int>(bits_of(a));
  const auto up = shift > 0 ? static_cast<unsigned>(shift) : 0U;
  const auto down = shift < 0 ? static_cast<unsigned>(-shift) : 0U;
  const auto numerator = big_integer{mp::abs(a) << up};
  const auto denominator = big_integer{mp::abs(b) << down};
  auto quotient = big_integer{};
  auto rest = big_integer{};
  mp::divide_qr(numerator, denominator, quotient, rest);
  quotient <<= 1U;
  if (rest != 0)
    quotient |= 1U;
  const auto size = scaled(quotient, -shift - 1);
  if (std::isinf(size))
    return out_of_range;
  return calculator_number{(a < 0) == (b < 0) ? size : -size};
}

struct floored {
  big_integer quotient;
  big_integer rest;
};

floored divide_floor(const big_integer& a, const big_integer& b) {
  auto parts = floored{};
  mp::divide_qr(a, b, parts.quotient, parts.rest);
  if (parts.rest != 0 && (parts.rest < 0) != (b < 0)) {
    parts.quotient -= 1;
    parts.rest += b;
  }
  return parts;
}

double float_remainder(double x, double y) {
  const auto rest = std::fmod(x, y);
  if (rest == 0)
    return std::copysign(0.0, y);
  return (rest < 0) != (y < 0) ? rest + y : rest;
}

double float_quotient(double x, double y) {
  const auto rest = std::fmod(x, y);
  auto quotient = (x - rest) / y;
  if (rest != 0 && (rest < 0) != (y < 0))
    quotient -= 1;
  if (quotient == 0)
    return std::copysign(0.0, x / y);
  const auto down = std::floor(quotient);
  return quotient - down > 0.5 ? down + 1 : down;
}

calculation raise_doubles(double base, double exponent) {
  if (base == 0 && exponent < 0)
    return calculator_error{"ZeroDivision", "0 has no negative power"};
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent)
      && std::trunc(exponent) != exponent)
    return calculator_error{"Domain", "a negative number has no real root of that kind"};
  const auto power = std::pow(base, exponent);
  if (std::isinf(power) && std::isfinite(base) && std::isfinite(exponent))
    return out_of_range;
  return calculator_number{power};
}

calculation raise_integers(const big_integer& base, unsigned exponent) {
  const auto bits = bits_of(base);
  // (bits-1)*exponent+1 is the least that the power can have. What passes is at most twice the
  // bound, and is looked at again when it is there.
  if (bits > 1 && (bits - 1) * std::uint64_t{exponent} + 1 > integer_bits_max)
    return too_large;
  return within_bits(mp::pow(base, exponent));
}

}  // namespace

unsigned bits_of(const big_integer& value) {
  return value == 0 ? 0U : static_cast<unsigned>(mp::msb(mp::abs(value))) + 1;
}

calculation within_bits(big_integer value) {
  if (bits_of(value) > integer_bits_max)
    return too_large;
  return calculator_number{std::move(value)};
}

calculated<double> nearest_double(const calculator_number& value) {
  const auto* integer = integer_in(value);
  if (integer == nullptr)
    return std::get<double>(value);
  const auto size = scaled(*integer, 0);
  if (std::isinf(size))
    return out_of_range;
  return size;
}

calculation add(const calculator_number& a, const calculator_number& b) {
  if (const auto* x = integer_in(a), *y = integer_in(b); x != nullptr && y != nullptr)
    return within_bits(*x + *y);
  return as_doubles(a, b, [](double x, double y) { return calculator_number{x + y}; });
}

calculation subtract(const calculator_number& a, const calculator_number& b) {
  if (const auto* x = integer_in(a), *y = integer_in(b); x != nullptr && y != nullptr)
    return within_bits(*x - *y);
  return as_doubles(a, b, [](double x, double y) { return calculator_number{x - y}; });
}

calculation multiply(const calculator_number& a, const calculator_number& b) {
  if (const auto* x = integer_in(a), *y = integer_in(b); x != nullptr && y != nullptr) {
    // The product has this many bits or one less.
    if (bits_of(*x) + bits_of(*y) > integer_bits_max + 1)
      return too_large;
    return within_bits(*x * *y);
  }
  return as_doubles(a, b, [](double x, double y) { return calculator_number{x * y}; });
}

calculation divide(const calculator_number& a, const calculator_number& b) {
  if (const auto* x = integer_in(a), *y = integer_in(b); x != nullptr && y != nullptr)
    return divide_integers(*x, *y);
  return as_doubles(a, b, [](double x, double y) -> calculation {
    if (y == 0)
      return by_zero;
    return calculator_number{x / y};
  });
}

calculation divide_down(const calculator_number& a, const calculator_number& b) {
  if (const auto* x = integer_in(a), *y = integer_in(b); x != nullptr && y != nullptr) {
    if (*y == 0)
      return by_zero;
    return calculator_number{divide_floor(*x, *y).quotient};
  }
  return as_doubles(a, b, [](double x, double y) -> calculation {
    if (y == 0)
      return by_zero;
    return calculator_number{float_quotient(x, y)};
  });
}

calculation remainder_of(const calculator_number& a, const calculator_number& b) {
  if (const auto* x = integer_in(a), *y = integer_in(b); x != nullptr && y != nullptr) {
    if (*y == 0)
      return by_zero;
    return calculator_number{divide_floor(*x, *y).rest};
  }
  return as_doubles(a, b, [](double x, double y) -> calculation {
    if (y == 0)
      return by_zero;
    return calculator_number{float_remainder(x, y)};
  });
}

calculation raise(const calculator_number& base, const calculator_number& exponent) {
  const auto size = nearest_double(exponent);
  if (!size || std::abs(*size) > exponent_max)
    return calculator_error{"Limit", "an exponent is at most 1000"};
  const auto* x = integer_in(base);
  const auto* y = integer_in(exponent);
  if (x != nullptr && y != nullptr && *y >= 0)
    return raise_integers(*x, static_cast<unsigned>(*y));
  return as_doubles(base, exponent, raise_doubles);
}

}  // namespace persona_runtime
