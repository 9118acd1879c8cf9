#pragma once
// Single ASCII characters, and the blanks around a text that a machine wrote. For people's words
// there is unicode.hpp, and stripped() in utf8.hpp.

#include <string_view>

namespace persona_runtime {

/// All that C calls white space.
inline constexpr std::string_view ascii_blanks = " \t\r\n\v\f";

[[nodiscard]] constexpr bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// May begin a name in most languages for machines.
[[nodiscard]] constexpr bool begins_ascii_name(char c) {
  return is_ascii_letter(c) || c == '_';
}

/// Without the `blanks` at both ends. A view into `text`.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text,
                                                 std::string_view blanks = ascii_blanks) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace persona_runtime
