#pragma once
// Vectors in half a byte per number: an eighth of the memory to read, and they tell a similarity to
// a hundredth or two, so that few vectors have to be compared exactly. For sources of this folder.

#include "providers/embed/scan_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona_runtime {

class rough_vectors {
public:
  /// It gets the next place, from 0. All are of one dimension.
  void add(std::span<const float> vector);
  /// The last one takes the free place.
  void remove(std::size_t place);

  [[nodiscard]] std::size_t bytes() const;

private:
  friend class rough_query;
  std::size_t blocks_ = 0;  // per vector
  scan_vector<std::uint8_t>
    values_;                   // 1..15: 8 and what it is of the vector's greatest, in sevenths
  std::vector<float> scales_;  // of the vectors: about what a seventh is
};

/// A query of length 1 and of the same dimension; while it lives, the vectors may not change.
class rough_query {
public:
  rough_query(const rough_vectors& vectors, std::span<const float> query);

  /// How similar the vector may be at most, but for one in two hundred.
  [[nodiscard]] float most(std::size_t place) const;
  /// Begins to load what `most` will read.
  void prepare(std::size_t place) const;

private:
  const rough_vectors& vectors_;
  std::vector<std::int8_t> numbers_;
  float scale_ = 0;            // what 1 is
  std::int32_t too_much_ = 0;  // of every product, as each number of a vector stands 8 too high
};

/// Rows and the query consist of blocks of that many numbers. In the bytes of a row's block stand
/// the first half of its numbers in the lower four bits, the second half in the upper ones.
inline constexpr auto rough_block = std::size_t{64};
inline constexpr auto rough_block_bytes = rough_block / 2;

/// The product of a row of 0..15 with numbers of -127..127; at most 1,024 blocks. As fast as this
/// processor allows.
[[nodiscard]] std::int32_t rough_product(const std::uint8_t* row, std::size_t blocks,
                                         const std::int8_t* query);

}  // namespace persona_runtime
