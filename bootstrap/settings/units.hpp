#pragma once
// Durations, sizes and numbers as people write them in the configuration.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

inline constexpr double KiB = 1024;
inline constexpr double MiB = 1024 * KiB;

/// "500ms", "10s", "1.5m", "24h", "7d". None: something else, a negative one, or over 10,000 days.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512B", "64KiB", "1MiB", "2GiB". None: something else, or over 1 EiB.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// In the largest unit that divides it, at most hours: "90s", "24h", "0s"; one minute is "60s".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

/// In the largest unit that divides it: "1536KiB", "1MiB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// The shortest decimal that reads back as the same number: "0.014", "128000".
[[nodiscard]] std::string number_text(double number);

/// A finite decimal number and nothing else.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

}  // namespace persona_runtime
