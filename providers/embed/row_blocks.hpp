#pragma once
// Rows of equally many numbers. Room comes in blocks of 64 rows, so that many rows that become more
// are not copied, and no more room is unused than the last block's. For sources of this folder.

#include "providers/embed/scan_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace persona_runtime {

class row_blocks {
public:
  /// The first row says how long all are; never 0.
  void push_back(std::span<const float> row) {
    width_ = row.size();
    if (size_ % rows_per_block == 0)
      add_block();
    blocks_.back().insert(blocks_.back().end(), row.begin(), row.end());
    ++size_;
  }
  [[nodiscard]] const float* at(std::size_t place) const {
    return blocks_[place / rows_per_block].data() + place % rows_per_block * width_;
  }
  /// The last row takes the place of that one, which is gone.
  void remove(std::size_t place) {
    --size_;
    if (place != size_) {
      auto& block = blocks_[place / rows_per_block];
      std::copy_n(at(size_), width_, block.data() + place % rows_per_block * width_);
    }
    blocks_.back().resize(blocks_.back().size() - width_);
    if (blocks_.back().empty())
      blocks_.pop_back();
  }
  [[nodiscard]] std::size_t bytes() const {
    auto numbers = std::size_t{0};
    if (!blocks_.empty())
      numbers = (blocks_.size() - 1) * blocks_.front().capacity() + blocks_.back().capacity();
    return numbers * sizeof(float) + blocks_.capacity() * sizeof(scan_vector<float>);
  }

private:
  static constexpr auto rows_per_block = std::size_t{64};

  /// The first one grows with its rows: most memories are small.
  void add_block() {
    blocks_.emplace_back();
    if (blocks_.size() > 1)
      blocks_.back().reserve(rows_per_block * width_);
  }

  std::size_t width_ = 0;
  std::size_t size_ = 0;
  std::vector<scan_vector<float>> blocks_;
};

}  // namespace persona_runtime
