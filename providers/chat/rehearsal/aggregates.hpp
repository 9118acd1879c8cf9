#pragma once
// Numbers that stand in a text, and sums of many of them in expressions that the calculator takes.

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::rehearsal {

/// The numbers in `text` in their order, as the calculator reads them: "1,250.50" is 1250.50.
/// Dates, times and digits in names are none.
[[nodiscard]] std::vector<std::string> numbers_in(std::string_view text);

/// Sums of up to 20 of them each, short enough for one call; one expression per call.
[[nodiscard]] std::vector<std::string> partial_sums(const std::vector<std::string>& numbers);

/// The number that is larger than all others, or smaller. `numbers` is not empty.
[[nodiscard]] std::string extreme_of(const std::vector<std::string>& numbers, bool largest);

}  // namespace persona_runtime::rehearsal
