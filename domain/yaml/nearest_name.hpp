#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace persona_runtime {

/// The name that `wrong` was probably meant to be: the one with the fewest letters inserted,
/// dropped, changed or swapped, where that is at most a third of its length; none otherwise.
/// Case and the difference between '-', '_' and ' ' do not count. Names over 64 bytes have none.
[[nodiscard]] std::optional<std::string_view> nearest_name(std::string_view wrong,
                                                           std::span<const std::string_view> known);

}  // namespace persona_runtime
