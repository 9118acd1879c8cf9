#pragma once

#include "domain/ids.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace persona_runtime {

/// 26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits. Texts of
/// later instants are greater.
[[nodiscard]] std::string ulid(instant at, const std::array<std::uint8_t, 10>& random);

}  // namespace persona_runtime
