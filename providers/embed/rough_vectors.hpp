#pragma once
// Vectors in half a byte per number: an eighth of the memory to read, so that looking at all of a
// hundred thousand takes a millisecond. Nearly as good as the vectors themselves: whoever wants the
// nearest asks for some more and compares those exactly. For sources of this folder.

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

  /// The places of about the `count` nearest, in no order; of equally near ones the later.
  [[nodiscard]] std::vector<std::size_t> nearest(std::span<const float> query,
                                                 std::size_t count) const;

  [[nodiscard]] std::size_t bytes() const;

private:
  std::size_t blocks_ = 0;  // per vector
  std::vector<std::uint8_t>
    values_;                   // 1..15: 8 and what it is of the vector's greatest, in sevenths
  std::vector<float> scales_;  // of the vectors: what a seventh is
};

/// Rows and the query consist of blocks of that many numbers. In the bytes of a row's block stand
/// the first half of its numbers in the lower four bits, the second half in the upper ones.
inline constexpr auto rough_block = std::size_t{64};
inline constexpr auto rough_block_bytes = rough_block / 2;

/// Products of `count` rows of 0..15 with numbers of -127..127, into `out`; at most 1,024 blocks
/// per row. As fast as this processor allows.
void rough_products(const std::uint8_t* rows, std::size_t blocks, std::size_t count,
                    const std::int8_t* query, std::int32_t* out);

}  // namespace persona_runtime
