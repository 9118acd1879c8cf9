#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

/// SHA-256 as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view text);

/// Bytes from the system's random source.
[[nodiscard]] std::array<std::uint8_t, 10> random_bytes();

}  // namespace persona_runtime
