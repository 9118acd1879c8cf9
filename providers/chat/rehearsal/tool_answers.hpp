#pragma once
// Reading what tools answer in words. Lenient: an operator's own tool of the same name may put it
// a little differently.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::rehearsal {

/// The value in a calculator's answer: what follows the last "=", without ".0".
[[nodiscard]] std::string number_in(std::string_view content);

/// The first YYYY-MM-DD that is not `except`; `except` itself when there is no other; or empty.
[[nodiscard]] std::string date_in(std::string_view content, std::string_view except);

struct instant_parts {
  std::string date;  // YYYY-MM-DD
  std::string time;  // HH:MM
};
/// The first YYYY-MM-DDTHH:MM.
[[nodiscard]] std::optional<instant_parts> instant_in(std::string_view content);

/// Whole days in the answer to a difference: "… 105 days …", else seconds divided.
[[nodiscard]] std::optional<std::string> days_in(std::string_view content);

/// How many matches an answer names: a leading number, a JSON list, or one per line.
[[nodiscard]] std::size_t matches_in(std::string_view content);

/// Line feeds as ", ".
[[nodiscard]] std::string one_line(std::string_view content);

}  // namespace persona_runtime::rehearsal
