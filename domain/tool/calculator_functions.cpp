#include "domain/tool/calculator_functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

namespace persona_runtime {
namespace {

namespace mp = boost::multiprecision;
using arguments = std::vector<calculator_number>;

constexpr int factorial_max = 1'000;
constexpr std::size_t any_count = 100;

const calculator_error out_of_domain{"Domain", "the function has no value there"};
const calculator_error too_large_float{"Overflow", "the result is too large for a float"};

calculation with_double(const calculator_number& value, double (*f)(double)) {
  const auto x = nearest_double(value);
  if (!x)
    return x.error();
  const auto y = f(*x);
  if (std::isnan(y) && !std::isnan(*x))
    return out_of_domain;
  if (std::isinf(y) && std::isfinite(*x))
    return too_large_float;
  return calculator_number{y};
}

template <double (*F)(double)>
calculation real(const arguments& a) {
  return with_double(a[0], F);
}

double degrees_of(double x) {
  return x * (180.0 / std::numbers::pi);
}

double radians_of(double x) {
  return x * (std::numbers::pi / 180.0);
}

/// Integers may be far beyond a double's range, so that their size is split off first.
calculated<double> logarithm(const calculator_number& value, double (*log)(double)) {
  if (const auto* integer = std::get_if<big_integer>(&value)) {
    if (*integer <= 0)
      return out_of_domain;
    const auto bits = bits_of(*integer);
    if (bits > 1'000) {
      const auto shift = bits - 64;
      const auto top = nearest_double(big_integer{*integer >> shift});
      return log(*top) + static_cast<double>(shift) * log(2.0);
    }
  }
  const auto x = nearest_double(value);
  if (!x)
    return x;
  if (*x <= 0)
    return out_of_domain;
  return log(*x);
}

calculation as_number(const calculated<double>& value) {
  if (!value)
    return value.error();
  return calculator_number{*value};
}

calculation log_of(const arguments& a) {
  const auto top = logarithm(a[0], std::log);
  if (!top || a.size() == 1)
    return as_number(top);
  const auto bottom = logarithm(a[1], std::log);
  if (!bottom)
    return bottom.error();
  if (*bottom == 0)
    return calculator_error{"ZeroDivision", "1 is no base of a logarithm"};
  return calculator_number{*top / *bottom};
}

calculation log10_of(const arguments& a) {
  return as_number(logarithm(a[0], std::log10));
}

calculation log2_of(const arguments& a) {
  return as_number(logarithm(a[0], std::log2));
}

calculation atan2_of(const arguments& a) {
  const auto y = nearest_double(a[0]);
  const auto x = nearest_double(a[1]);
  if (!y || !x)
    return too_large_float;
  return calculator_number{std::atan2(*y, *x)};
}

calculation hypot_of(const arguments& a) {
  auto sum = 0.0;
  for (const auto& value : a) {
    const auto x = nearest_double(value);
    if (!x)
      return x.error();
    sum = std::hypot(sum, *x);
  }
  return calculator_number{sum};
}

calculation whole(double value) {
  if (!std::isfinite(value))
    return calculator_error{"Overflow", "infinity and nan are no whole numbers"};
  return calculator_number{big_integer{value}};
}

template <double (*F)(double)>
calculation rounded_by(const arguments& a) {
  if (std::holds_alternative<big_integer>(a[0]))
    return a[0];
  return whole(F(std::get<double>(a[0])));
}

calculation abs_of(const arguments& a) {
  if (const auto* integer = std::get_if<big_integer>(&a[0]))
    return calculator_number{big_integer{mp::abs(*integer)}};
  return calculator_number{std::abs(std::get<double>(a[0]))};
}

/// The multiple of `unit` (at least 1) that is nearest to `value` / `denominator`, ties to the
/// even one.
big_integer nearest_multiple(const big_integer& value, const big_integer& denominator,
                             const big_integer& unit) {
  const auto step = big_integer{denominator * unit};
  auto quotient = big_integer{};
  auto rest = big_integer{};
  mp::divide_qr(big_integer{mp::abs(value)}, step, quotient, rest);
  const auto twice = big_integer{rest * 2};
  if (twice > step || (twice == step && quotient % 2 != 0))
    quotient += 1;
  const auto size = big_integer{quotient * unit};
  return value < 0 ? big_integer{-size} : size;
}

/// Rounds to tens, hundreds and so on. From 10^310 on everything is nearer to 0, and integers get
/// there as well when they have no more digits than that.
calculation round_up_the_point(const calculator_number& value, unsigned places) {
  const auto unit = big_integer{mp::pow(big_integer{10}, places)};
  if (const auto* integer = std::get_if<big_integer>(&value))
    return within_bits(nearest_multiple(*integer, 1, unit));
  const auto x = std::get<double>(value);
  if (!std::isfinite(x))
    return value;
  auto exponent = 0;
  const auto mantissa = big_integer{std::ldexp(std::frexp(x, &exponent), 53)};
  const auto up = exponent > 53 ? static_cast<unsigned>(exponent - 53) : 0U;
  const auto down = exponent < 53 ? static_cast<unsigned>(53 - exponent) : 0U;
  const auto nearest =
    nearest_multiple(mantissa << up, big_integer{1} << std::min(down, 2'000U), unit);
  const auto result = nearest_double(nearest);
  if (!result)
    return result.error();
  return calculator_number{*result};
}

/// Digits behind the point: the C library prints the exact binary value, correctly rounded.
calculation round_behind_the_point(double value, int places) {
  if (!std::isfinite(value) || places > 340)
    return calculator_number{value};
  auto buffer = std::array<char, 700>{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", places, value);
  return calculator_number{std::strtod(buffer.data(), nullptr)};
}

calculation round_of(const arguments& a) {
  const auto* integer = std::get_if<big_integer>(&a[0]);
  if (a.size() == 1)
    return integer != nullptr ? calculation{a[0]} : whole(std::nearbyint(std::get<double>(a[0])));
  const auto* digits = std::get_if<big_integer>(&a[1]);
  if (digits == nullptr)
    return calculator_error{"Type", "round takes a whole number of digits"};
  if (*digits < 0) {
    const auto places = *digits < -7'000 ? 7'000U : static_cast<unsigned>(-*digits);
    return round_up_the_point(a[0], places);
  }
  if (integer != nullptr)
    return a[0];
  const auto places = *digits > 1'000 ? 1'000 : static_cast<int>(*digits);
  return round_behind_the_point(std::get<double>(a[0]), places);
}

calculation gcd_of(const arguments& a) {
  auto common = big_integer{0};
  for (const auto& value : a) {
    const auto* integer = std::get_if<big_integer>(&value);
    if (integer == nullptr)
      return calculator_error{"Type", "gcd takes whole numbers"};
    common = mp::gcd(common, *integer);
  }
  return calculator_number{big_integer{mp::abs(common)}};
}

calculation factorial_of(const arguments& a) {
  const auto* integer = std::get_if<big_integer>(&a[0]);
  if (integer == nullptr)
    return calculator_error{"Type", "factorial takes a whole number"};
  if (*integer < 0 || *integer > factorial_max)
    return calculator_error{"Limit", "factorial takes a number from 0 to 1000"};
  auto product = big_integer{1};
  for (auto i = 2; i <= static_cast<int>(*integer); ++i)
    product *= i;
  return within_bits(std::move(product));
}

calculation pow_of(const arguments& a) {
  if (a.size() == 2)
    return raise(a[0], a[1]);
  const auto* base = std::get_if<big_integer>(&a[0]);
  const auto* exponent = std::get_if<big_integer>(&a[1]);
  const auto* modulus = std::get_if<big_integer>(&a[2]);
  if (base == nullptr || exponent == nullptr || modulus == nullptr)
    return calculator_error{"Type", "pow with a modulus takes whole numbers"};
  if (*exponent < 0 || *exponent > exponent_max)
    return calculator_error{"Limit", "pow with a modulus takes an exponent from 0 to 1000"};
  if (*modulus == 0)
    return calculator_error{"ZeroDivision", "the modulus is 0"};
  const auto size = big_integer{mp::abs(*modulus)};
  auto rest = big_integer{*base % size};
  if (rest < 0)
    rest += size;
  auto power = big_integer{mp::powm(rest, *exponent, size)};
  if (*modulus < 0 && power != 0)
    power -= size;
  return calculator_number{std::move(power)};
}

struct function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  calculation (*call)(const arguments&);
};

constexpr auto functions = std::array{
  function{"sqrt", 1, 1, real<std::sqrt>},
  function{"sin", 1, 1, real<std::sin>},
  function{"cos", 1, 1, real<std::cos>},
  function{"tan", 1, 1, real<std::tan>},
  function{"asin", 1, 1, real<std::asin>},
  function{"acos", 1, 1, real<std::acos>},
  function{"atan", 1, 1, real<std::atan>},
  function{"atan2", 2, 2, atan2_of},
  function{"log", 1, 2, log_of},
  function{"log10", 1, 1, log10_of},
  function{"log2", 1, 1, log2_of},
  function{"exp", 1, 1, real<std::exp>},
  function{"floor", 1, 1, rounded_by<std::floor>},
  function{"ceil", 1, 1, rounded_by<std::ceil>},
  function{"abs", 1, 1, abs_of},
  function{"round", 1, 2, round_of},
  function{"hypot", 1, any_count, hypot_of},
  function{"degrees", 1, 1, real<degrees_of>},
  function{"radians", 1, 1, real<radians_of>},
  function{"gcd", 1, any_count, gcd_of},
  function{"factorial", 1, 1, factorial_of},
  function{"pow", 2, 3, pow_of},
};

}  // namespace

calculation call_function(std::string_view name, const std::vector<calculator_number>& given) {
  const auto* found = std::find_if(functions.begin(), functions.end(),
                                   [&](const function& f) { return f.name == name; });
  if (found == functions.end())
    return calculator_error{"Syntax", "there is no function '" + std::string{name} + "'"};
  if (given.size() < found->least || given.size() > found->most)
    return calculator_error{"Type", std::string{name} + " does not take "
                                      + std::to_string(given.size()) + " arguments"};
  return found->call(given);
}

}  // namespace persona_runtime
