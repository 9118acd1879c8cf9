#include "domain/tool/calculator_functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace persona_runtime {
namespace {

namespace mp = boost::multiprecision;
using arguments = std::vector<calculator_number>;

constexpr int factorial_max = 1'000;
constexpr std::size_t any_count = 100;

const calculator_error out_of_domain{"Domain", "the function has no value there"};

template <double (*F)(double)>
calculation real(const arguments& a) {
  const auto x = nearest_double(a[0]);
  if (!x)
    return x.error();
  return shortest_decimal(F(*x));
}

double degrees_of(double x) {
  return x * (180.0 / std::numbers::pi);
}

double radians_of(double x) {
  return x * (std::numbers::pi / 180.0);
}

/// Numbers may be far beyond a double's range, so that their size is split off first.
calculated<double> logarithm(const calculator_number& value, double (*log)(double)) {
  if (value.digits <= 0)
    return out_of_domain;
  const auto bits = bits_of(value.digits);
  if (bits <= 1'000 && value.scale <= 300)
    return log(*nearest_double(value));
  const auto shift = bits > 64 ? bits - 64 : 0;
  const auto top = static_cast<double>(big_integer{value.digits >> shift});
  return log(top) + shift * log(2.0) - value.scale * log(10.0);
}

calculation as_number(const calculated<double>& value) {
  if (!value)
    return value.error();
  return shortest_decimal(*value);
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
  return shortest_decimal(*top / *bottom);
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
    return !y ? y.error() : x.error();
  return shortest_decimal(std::atan2(*y, *x));
}

calculation hypot_of(const arguments& a) {
  auto sum = 0.0;
  for (const auto& value : a) {
    const auto x = nearest_double(value);
    if (!x)
      return x.error();
    sum = std::hypot(sum, *x);
  }
  return shortest_decimal(sum);
}

calculation floor_of(const arguments& a) {
  return within_bits(divide_floor(a[0].digits, ten_to(a[0].scale)).quotient);
}

calculation ceil_of(const arguments& a) {
  return within_bits(-divide_floor(-a[0].digits, ten_to(a[0].scale)).quotient);
}

calculation abs_of(const arguments& a) {
  return a[0].digits < 0 ? negated(a[0]) : a[0];
}

calculation round_of(const arguments& a) {
  const auto& value = a[0];
  if (a.size() == 1)
    return within_bits(nearest_quotient(value.digits, ten_to(value.scale)));
  if (a[1].decimal)
    return calculator_error{"Type", "round takes a whole number of digits"};
  const auto most = big_integer{places_max};
  const auto places = static_cast<int>(std::clamp(a[1].digits, big_integer{-most - 1}, most));
  if (places >= static_cast<int>(value.scale))
    return value;
  const auto unit = ten_to(static_cast<unsigned>(static_cast<int>(value.scale) - places));
  auto nearest = nearest_quotient(value.digits, unit);
  if (places >= 0)
    return within_places(std::move(nearest), static_cast<unsigned>(places));
  nearest *= ten_to(static_cast<unsigned>(-places));
  return value.decimal ? within_places(std::move(nearest), 0) : within_bits(std::move(nearest));
}

/// The whole number in `value`; null for a decimal.
const big_integer* integer_in(const calculator_number& value) {
  return value.decimal ? nullptr : &value.digits;
}

calculation gcd_of(const arguments& a) {
  auto common = big_integer{0};
  for (const auto& value : a) {
    const auto* integer = integer_in(value);
    if (integer == nullptr)
      return calculator_error{"Type", "gcd takes whole numbers"};
    common = mp::gcd(common, *integer);
  }
  return calculator_number{big_integer{mp::abs(common)}};
}

calculation factorial_of(const arguments& a) {
  const auto* integer = integer_in(a[0]);
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
  const auto* base = integer_in(a[0]);
  const auto* exponent = integer_in(a[1]);
  const auto* modulus = integer_in(a[2]);
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

struct calculator_function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  calculation (*call)(const arguments&);
};

constexpr auto calculator_functions = std::array{
  calculator_function{"sqrt", 1, 1, real<std::sqrt>},
  calculator_function{"sin", 1, 1, real<std::sin>},
  calculator_function{"cos", 1, 1, real<std::cos>},
  calculator_function{"tan", 1, 1, real<std::tan>},
  calculator_function{"asin", 1, 1, real<std::asin>},
  calculator_function{"acos", 1, 1, real<std::acos>},
  calculator_function{"atan", 1, 1, real<std::atan>},
  calculator_function{"atan2", 2, 2, atan2_of},
  calculator_function{"log", 1, 2, log_of},
  calculator_function{"log10", 1, 1, log10_of},
  calculator_function{"log2", 1, 1, log2_of},
  calculator_function{"exp", 1, 1, real<std::exp>},
  calculator_function{"floor", 1, 1, floor_of},
  calculator_function{"ceil", 1, 1, ceil_of},
  calculator_function{"abs", 1, 1, abs_of},
  calculator_function{"round", 1, 2, round_of},
  calculator_function{"hypot", 1, any_count, hypot_of},
  calculator_function{"degrees", 1, 1, real<degrees_of>},
  calculator_function{"radians", 1, 1, real<radians_of>},
  calculator_function{"gcd", 1, any_count, gcd_of},
  calculator_function{"factorial", 1, 1, factorial_of},
  calculator_function{"pow", 2, 3, pow_of},
};

}  // namespace

calculation call_function(std::string_view name, const std::vector<calculator_number>& given) {
  const auto* found = std::find_if(calculator_functions.begin(), calculator_functions.end(),
                                   [&](const calculator_function& f) { return f.name == name; });
  if (found == calculator_functions.end())
    return calculator_error{"Syntax", "there is no function '" + std::string{name} + "'"};
  if (given.size() < found->least || given.size() > found->most)
    return calculator_error{"Type", std::string{name} + " does not take "
                                      + std::to_string(given.size()) + " arguments"};
  return found->call(given);
}

}  // namespace persona_runtime
