#include "bootstrap/settings/units.hpp"

#include "domain/text/ascii.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace persona_runtime {
namespace {

struct unit {
  std::string_view name;
  double factor;
};

constexpr std::array durations{unit{"ms", 1}, unit{"s", 1e3}, unit{"m", 60e3}, unit{"h", 3600e3},
                               unit{"d", 86'400e3}};
constexpr std::array sizes{unit{"B", 1}, unit{"KiB", KiB}, unit{"MiB", MiB},
                           unit{"GiB", 1024 * MiB}};

/// "1.5" and "MiB" of "1.5MiB" as a number in the smallest unit.
template <std::size_t N>
std::optional<double> measured(std::string_view text, const std::array<unit, N>& units,
                               double max) {
  text = trimmed(text);
  const auto split = text.find_first_not_of("0123456789.");
  if (split == std::string_view::npos)
    return std::nullopt;
  const auto number = parse_number(text.substr(0, split));
  for (const auto& u : units) {
    if (!number || u.name != text.substr(split))
      continue;
    const double value = *number * u.factor;
    return value <= max ? std::optional{value} : std::nullopt;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string in_largest_unit(std::uint64_t value, const std::array<unit, N>& units,
                            std::size_t when_zero, std::size_t last) {
  if (value == 0)
    return "0" + std::string{units.at(when_zero).name};
  for (std::size_t i = last; i > 0; --i) {
    const auto factor = static_cast<std::uint64_t>(units.at(i).factor);
    if (value % factor == 0)
      return std::to_string(value / factor) + std::string{units.at(i).name};
  }
  return std::to_string(value) + std::string{units.at(0).name};
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr double longest = 10'000.0 * 86'400e3;
  const auto value = measured(text, durations, longest);
  if (!value)
    return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::llround(*value))};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr double largest = 1152921504606846976.0;
  const auto value = measured(text, sizes, largest);
  if (!value)
    return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*value));
}

std::string duration_text(std::chrono::milliseconds duration) {
  constexpr std::size_t seconds = 1;
  constexpr std::size_t hours = 3;  // 24h says more than 1d
  if (duration == std::chrono::minutes{1})
    return "60s";  // as everybody writes it
  return in_largest_unit(static_cast<std::uint64_t>(duration.count()), durations, seconds, hours);
}

std::string size_text(std::uint64_t bytes) {
  return in_largest_unit(bytes, sizes, 0, sizes.size() - 1);
}

std::string number_text(double number) {
  std::array<char, 400> digits{};  // the longest fixed form has 309 before the point
  const auto end =
    std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  return {digits.data(), end.ptr};
}

std::optional<double> parse_number(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace persona_runtime
