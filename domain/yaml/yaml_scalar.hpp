#pragma once
// What an unquoted YAML scalar means. The rules are those of YAML 1.1, which persona files have
// always been read by: unquoted no and off are booleans, 010 is eight, 1:30 is ninety.

#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime {

enum class yaml_kind : std::uint8_t {
  null,
  boolean,
  integer,
  real,
  timestamp,
  text,
  sequence,
  mapping
};

/// The kind of an unquoted scalar.
[[nodiscard]] yaml_kind kind_of_plain(std::string_view text);

/// The value of a scalar of kind boolean.
[[nodiscard]] bool boolean_of(std::string_view text);

/// The value of a scalar of kind integer or real; may be infinite or NaN.
[[nodiscard]] double number_of(yaml_kind kind, std::string_view text);

/// Reads a number that was written in quotes: decimal, blanks around it allowed. None: it is none.
[[nodiscard]] std::optional<double> quoted_number(std::string_view text);

}  // namespace persona_runtime
