#pragma once
// What changed between two texts, line by line.

#include "domain/run/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

struct diff_labels {
  std::string_view a = "original";
  std::string_view b = "revised";
};

/// A unified diff without times, or the words that nothing differs. A line feed at the very end
/// makes no difference, nor does the kind of line ending. `data` is {changed, added, removed}.
///
/// Bounds: 200,000 characters and 20,000 lines a side, 12,000 characters of diff (then cut and
/// `truncated`). Texts that have little in common are not searched for the shortest way from one
/// to the other, so that time stays bounded: the diff is right, but may be longer than need be.
/// NUL characters are an error; a negative `context_lines` counts as 0.
[[nodiscard]] tool_result diff_texts(std::string_view a, std::string_view b, diff_labels labels,
                                     std::int64_t context_lines);

}  // namespace persona_runtime
