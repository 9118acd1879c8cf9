#include "domain/text/ascii_case.hpp"

namespace persona_runtime {

std::string ascii_lower(std::string_view text) {
  auto out = std::string{text};
  for (char& c : out)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string ascii_upper(std::string_view text) {
  auto out = std::string{text};
  for (char& c : out)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace persona_runtime
