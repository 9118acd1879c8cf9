#include "bootstrap/cli/figures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace persona_runtime::cli {
namespace {

std::string fixed(double number, int places) {
  auto digits = std::array<char, 400>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                 std::chars_format::fixed, places);
  return {digits.data(), end.ptr};
}

int places_for(double size) {
  if (size == 0 || size >= 0.01)
    return 2;
  return std::min(12, 1 - static_cast<int>(std::floor(std::log10(size))));
}

}  // namespace

std::string figure(double number) {
  if (!std::isfinite(number))
    return "unknown";
  auto text = fixed(std::abs(number), places_for(std::abs(number)));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.')
    text.pop_back();
  const auto whole = std::min(text.find('.'), text.size());
  for (auto at = whole; at > 3; at -= 3)
    text.insert(at - 3, ",");
  return number < 0 ? "-" + text : text;
}

std::string count_of(double number, std::string unit) {
  return figure(number) + " " + unit + (number == 1 ? "" : "s");
}

}  // namespace persona_runtime::cli
