#pragma once
// UTF-8 as bytes of a text: reading, checking, repairing, cutting at character borders.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

/// One step through a text. Bytes that are not UTF-8 come one by one, with `valid` false.
struct utf8_step {
  char32_t code = 0xFFFD;
  std::uint8_t bytes = 1;  // 1..4
  bool valid = false;
};

/// The character that begins at `at`, which is below text.size(). Surrogates and overlong forms
/// are invalid.
[[nodiscard]] utf8_step decode_at(std::string_view text, std::size_t at);

/// Appends one code point; what is no Unicode scalar value becomes U+FFFD.
void append_utf8(std::string& out, char32_t code);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

/// The text with every ill-formed sequence replaced by U+FFFD, one per maximal subpart (Unicode 15
/// §3.9), as Python does.
[[nodiscard]] std::string repaired_utf8(std::string_view text);

/// How many characters; a byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t character_count(std::string_view text);

/// Without the blanks at both ends (is_blank), like Python's str.strip. A view into `text`.
[[nodiscard]] std::string_view stripped(std::string_view text);

/// The largest character border that is not above `at`; text.size() when `at` is beyond it.
[[nodiscard]] std::size_t border_at_or_before(std::string_view text, std::size_t at);

/// The smallest character border that is not below `at`.
[[nodiscard]] std::size_t border_at_or_after(std::string_view text, std::size_t at);

}  // namespace persona_runtime
