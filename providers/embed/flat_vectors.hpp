#pragma once
// Vectors side by side in memory, for a scan from front to end. For sources of this folder.

#include "providers/embed/rough_vectors.hpp"
#include "providers/embed/row_blocks.hpp"
#include "providers/embed/sign_sketches.hpp"
#include "providers/embed/vector_index.hpp"

#include <unordered_map>

namespace persona_runtime {

/// So few vectors are read from front to end as quickly as their sketches.
inline constexpr auto scanned_in_full_max = std::size_t{2'000};

class flat_vectors {
public:
  /// False: of another dimension, empty, too long for sketches, or there already.
  bool add(std::int64_t row, std::span<const float> vector);
  /// The last vector takes the free place. False: not there.
  bool remove(std::int64_t row);
  /// Looks at every vector.
  [[nodiscard]] std::vector<near_row> nearest(std::span<const float> query, std::size_t k) const;
  /// Looks at a sketch of every vector, at copies of those that may be among the nearest, and at
  /// those vectors that still may: ten times as fast, and misses few. The more vectors are about as
  /// near as the nearest, the longer it takes, up to half as long again as looking at all. Up to
  /// scanned_in_full_max vectors have no sketches, and all are looked at.
  [[nodiscard]] std::vector<near_row> nearest_by_sketches(std::span<const float> query,
                                                          std::size_t k) const;

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  [[nodiscard]] std::int64_t row_at(std::size_t place) const { return rows_[place]; }
  [[nodiscard]] const float* vector_at(std::size_t place) const { return values_.at(place); }
  [[nodiscard]] const float* find(std::int64_t row) const;
  [[nodiscard]] std::size_t bytes() const;

private:
  void sketch(std::span<const float> vector);
  void sketch_all();

  std::size_t dimension_ = 0;
  row_blocks values_;
  std::vector<std::int64_t> rows_;
  std::unordered_map<std::int64_t, std::size_t> places_;
  bool is_sketched_ = false;  // once there were many
  sign_sketches sketches_;    // these and the copies are at the same places
  rough_vectors copies_;
};

}  // namespace persona_runtime
