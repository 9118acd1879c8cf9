#pragma once
// Counting and cutting UTF-8 by code points, for the bounds of tools.

#include <cstddef>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Code points of `text`; a stray byte counts as part of what is before it.
[[nodiscard]] std::size_t code_point_count(std::string_view text);

/// The first `points` code points; never cuts one apart.
[[nodiscard]] std::string_view first_code_points(std::string_view text, std::size_t points);

/// At most `bytes` bytes from the beginning; never cuts a code point apart.
[[nodiscard]] std::string_view first_bytes(std::string_view text, std::size_t bytes);

/// `text` with every ill-formed sequence replaced by U+FFFD, one per maximal subpart (Unicode 15
/// §3.9). Returns it unchanged when it is well-formed.
[[nodiscard]] std::string well_formed(std::string_view text);

/// Without control characters and at most `points` code points: for file names in messages.
[[nodiscard]] std::string printable(std::string_view text, std::size_t points);

}  // namespace persona_runtime
