#pragma once
// Beginnings of texts, for bounds and for messages that quote what was given.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

/// The first `characters` characters; never cuts one apart.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t characters);

/// At most `bytes` bytes from the beginning; never cuts a character apart.
[[nodiscard]] std::string_view first_bytes(std::string_view text, std::size_t bytes);

/// Well-formed, without control characters, at most `characters` characters long.
[[nodiscard]] std::string printable(std::string_view text, std::size_t characters);

/// How many words stand between white space.
[[nodiscard]] std::uint64_t word_count(std::string_view text);

}  // namespace persona_runtime
