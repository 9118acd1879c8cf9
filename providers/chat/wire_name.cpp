#include "providers/chat/wire_name.hpp"

#include "domain/text/ascii.hpp"

#include <algorithm>

namespace persona_runtime {

std::string wire_name(std::string_view name) {
  constexpr std::size_t bytes_max = 64;
  auto safe = std::string{name.substr(0, bytes_max)};
  const auto is_unsafe = [](char c) {
    return !is_ascii_letter(c) && !is_ascii_digit(c) && c != '_' && c != '-';
  };
  std::replace_if(safe.begin(), safe.end(), is_unsafe, '_');
  return safe.empty() ? "unnamed" : safe;
}

}  // namespace persona_runtime
