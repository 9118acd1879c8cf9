#include "domain/text/ascii_case.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

char lower_of(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char upper_of(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

bool ascii_equal(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower_of, lower_of);
}

std::string ascii_lower(std::string_view text) {
  auto out = std::string{text};
  std::ranges::transform(out, out.begin(), lower_of);
  return out;
}

std::string ascii_upper(std::string_view text) {
  auto out = std::string{text};
  std::ranges::transform(out, out.begin(), upper_of);
  return out;
}

}  // namespace persona_runtime
