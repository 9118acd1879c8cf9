#pragma once
// Which lines of one list have to go and which of another have to come (Myers 1986, in linear
// space). For sources of this folder only.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona_runtime {

/// For each line of a whether it goes, for each of b whether it comes. What stays is the same
/// sequence on both sides.
struct line_edits {
  std::vector<bool> removed;
  std::vector<bool> added;
};

/// Lines are numbers here: equal ones are equal lines. Takes at most about
/// (lines of both) * 2,000 steps a level: a part where the sides differ in more than 2,000 lines
/// from either end is replaced as a whole.
[[nodiscard]] line_edits edits_between(const std::vector<std::uint32_t>& a,
                                       const std::vector<std::uint32_t>& b);

}  // namespace persona_runtime
