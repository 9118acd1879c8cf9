#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

/// SHA-256 (FIPS 180-4) of a text. For content hashes; nothing secret goes through it.
[[nodiscard]] std::array<std::uint8_t, 32> sha256_of(std::string_view text);

/// The same as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_text(std::string_view text);

}  // namespace persona_runtime
