#pragma once
// What a Retry-After header asks for (RFC 9110 §10.2.3, plus the fractions that vendors send).

#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime {

/// The header as a plain number of seconds: may be negative, fractional or infinite. None when it
/// is empty, not a number (a date too) or NaN.
[[nodiscard]] std::optional<double> retry_after_number(std::string_view header);

/// Seconds from `now_ms` (Unix epoch) until the caller may come again: a number as above, or one
/// of the three HTTP date forms, which may lie in the past (negative). None when it is neither.
[[nodiscard]] std::optional<double> retry_after_seconds(std::string_view header,
                                                        std::int64_t now_ms);

}  // namespace persona_runtime
