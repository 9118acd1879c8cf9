#pragma once
// What a code point is, as far as token counting and question keys need it (Unicode 16.0.0).

#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class char_class : std::uint8_t { other, letter, number, space };

/// Letter: category L; number: category N; space: property White_Space. Total: values that are
/// no code point are `other`. Constant time.
[[nodiscard]] char_class class_of(char32_t code);

/// White space as Python's str.strip and its \s see it: White_Space and U+001C..U+001F.
[[nodiscard]] bool is_blank(char32_t code);

/// Letter, number or underscore: Python's \w.
[[nodiscard]] bool is_word(char32_t code);

/// Appends the full case folding of `code` as UTF-8: "ß" gives "ss".
void append_folded(std::string& out, char32_t code);

/// The whole text folded; equal for texts that differ in case only.
[[nodiscard]] std::string case_folded(std::string_view text);

}  // namespace persona_runtime
