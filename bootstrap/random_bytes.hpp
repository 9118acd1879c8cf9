#pragma once

#include <array>
#include <cstdint>

namespace persona_runtime {

/// Bytes from the system's random source.
[[nodiscard]] std::array<std::uint8_t, 10> random_bytes();

}  // namespace persona_runtime
