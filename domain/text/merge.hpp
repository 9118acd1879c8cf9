#pragma once
// Byte pair merging of one piece: always the pair of lowest rank, the leftmost among equals.

#include "domain/text/rank_table.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Fills `borders` with where the tokens of `piece` begin, and its size behind them. `piece` is
/// not empty. n log n in its bytes.
void merge_piece(const rank_table& ranks, std::string_view piece,
                 std::vector<std::uint32_t>& borders);

}  // namespace persona_runtime
