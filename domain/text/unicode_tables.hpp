#pragma once
// The raw tables behind unicode.hpp, made by config/tokenizer/make_unicode_tables.mjs. Sorted by
// code point, without overlaps.

#include <cstdint>
#include <span>

namespace persona_runtime::unicode_tables {

struct code_range {
  std::uint32_t first;
  std::uint32_t last;  // inclusive
};

/// Every `stride`-th code point of [first, last] folds to itself + delta.
struct fold_run {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t stride;
  std::int32_t delta;
};

/// Folds to two or three code points; unused ones are 0.
struct fold_long {
  std::uint32_t from;
  std::uint32_t to[3];
};

[[nodiscard]] std::span<const code_range> letters();  // general category L
[[nodiscard]] std::span<const code_range> numbers();  // general category N
[[nodiscard]] std::span<const fold_run> fold_runs();
[[nodiscard]] std::span<const fold_long> fold_longs();

}  // namespace persona_runtime::unicode_tables
