#pragma once
#include <string>

namespace persona_runtime {

/// `text` without a UTF-8 character at its end that is still on its way.
[[nodiscard]] inline std::string whole_characters(std::string text) {
  auto at = text.size();
  while (at > 0 && text.size() - at < 4
         && (static_cast<unsigned char>(text[at - 1]) & 0xC0U) == 0x80U)
    --at;
  if (at == 0)
    return text;
  const auto lead = static_cast<unsigned char>(text[at - 1]);
  const auto wanted = lead >= 0xF0U ? 4U : lead >= 0xE0U ? 3U : lead >= 0xC0U ? 2U : 1U;
  if (text.size() - (at - 1) < wanted)
    text.resize(at - 1);
  return text;
}

}  // namespace persona_runtime
