#pragma once
// Patterns of argument schemas, matched in linear time.

#include <optional>
#include <string_view>

namespace persona_runtime {

/// Whether `pattern` (RE2 syntax) occurs in `text`; none when it does not compile within 256 KiB.
[[nodiscard]] std::optional<bool> pattern_found(std::string_view pattern, std::string_view text);

/// Whether it compiles.
[[nodiscard]] bool pattern_compiles(std::string_view pattern);

}  // namespace persona_runtime
