#pragma once
// Vectors side by side in memory, for a scan from front to end. For sources of this folder.

#include "providers/embed/rough_vectors.hpp"
#include "providers/embed/vector_index.hpp"

#include <unordered_map>

namespace persona_runtime {

class flat_vectors {
public:
  /// False: of another dimension, empty, or there already.
  bool add(std::int64_t row, std::span<const float> vector);
  /// The last vector takes the free place. False: not there.
  bool remove(std::int64_t row);
  /// Looks at every vector.
  [[nodiscard]] std::vector<near_row> nearest(std::span<const float> query, std::size_t k) const;
  /// Looks at rough copies of all and at those vectors that seem nearest by them: several times as
  /// fast.
  [[nodiscard]] std::vector<near_row> nearest_by_copies(std::span<const float> query,
                                                        std::size_t k) const;

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  [[nodiscard]] std::int64_t row_at(std::size_t place) const { return rows_[place]; }
  [[nodiscard]] const float* vector_at(std::size_t place) const {
    return values_.data() + place * dimension_;
  }
  [[nodiscard]] const float* find(std::int64_t row) const;
  [[nodiscard]] std::size_t bytes() const;

private:
  std::size_t dimension_ = 0;
  std::vector<float> values_;
  std::vector<std::int64_t> rows_;
  std::unordered_map<std::int64_t, std::size_t> places_;
  rough_vectors copies_;  // at the same places
};

/// Keeps the best k of what it is shown; best first.
[[nodiscard]] bool is_nearer(const near_row& a, const near_row& b);

}  // namespace persona_runtime
