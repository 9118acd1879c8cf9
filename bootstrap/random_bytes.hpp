#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace persona_runtime {

/// Bytes from the system's random source.
[[nodiscard]] std::array<std::uint8_t, 10> random_bytes();

/// 32 lower-case hex digits from the system's random source: the nonce of an envelope.
[[nodiscard]] std::string fresh_nonce();

}  // namespace persona_runtime
