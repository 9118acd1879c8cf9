#pragma once
// Texts for models as files hold them: one string with placeholders in braces.

#include "domain/yaml/field_reader.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace persona_runtime {

/// The word in the first pair of braces at or behind `at`; empty when there is none. Braces
/// around anything but a lower-case word are ordinary text.
struct found_placeholder {
  std::string_view name;
  std::size_t begin = std::string_view::npos;
};
[[nodiscard]] found_placeholder next_placeholder(std::string_view text, std::size_t at);

using placeholder_names = std::initializer_list<std::string_view>;

/// The text under `key`, without the blanks at its ends. Reports it when it is missing, or does not
/// hold exactly these placeholders.
[[nodiscard]] std::string read_prompt_text(field_reader& in, std::string_view key,
                                           placeholder_names placeholders = {});

}  // namespace persona_runtime
