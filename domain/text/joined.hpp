#pragma once

#include <string>
#include <string_view>

namespace persona_runtime {

/// The texts in their order, with `separator` between each two.
template <class Texts>
[[nodiscard]] std::string joined(const Texts& texts, std::string_view separator) {
  auto out = std::string{};
  auto first = true;
  for (const auto& text : texts) {
    if (!first)
      out += separator;
    first = false;
    out += text;
  }
  return out;
}

}  // namespace persona_runtime
