#pragma once
// The best few of many. For sources of this folder.

#include "providers/embed/vector_index.hpp"

#include <limits>

namespace persona_runtime {

/// Keeps the k nearest that it is shown, of equals the greater rows; k is at least 1.
class nearest_rows {
public:
  explicit nearest_rows(std::size_t k) : k_{k} {}

  void show(const near_row& one) {
    if (one.similarity >= least_)
      keep(one);
  }
  /// What is less similar than this has no place among them.
  [[nodiscard]] float least() const { return least_; }
  /// Nearest first.
  [[nodiscard]] std::vector<near_row> sorted() const;

private:
  void keep(const near_row& one);

  std::size_t k_;
  float least_ = -std::numeric_limits<float>::infinity();
  std::vector<near_row> heap_;  // the worst in front
};

}  // namespace persona_runtime
