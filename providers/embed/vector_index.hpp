#pragma once
// The nearest of many vectors.

#include "providers/store/chunk_store.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace persona_runtime {

struct near_row {
  std::int64_t row = 0;
  float similarity = 0;  // cosine, -1..1
  friend bool operator==(const near_row&, const near_row&) = default;
};

/// Vectors of one store of one scope, by row. One thread.
class vector_index {
public:
  virtual ~vector_index() = default;

  /// Vectors of length 1, all of one dimension: that of the first, at most 8,192. Others, and rows
  /// that are there, are passed over.
  virtual void add(std::int64_t row, std::span<const float> vector) = 0;
  /// Unknown rows are passed over.
  virtual void remove(std::int64_t row) = 0;

  /// At most k, nearest first, of equals the greater row. Nothing for a query of another dimension.
  [[nodiscard]] virtual std::vector<near_row> nearest(std::span<const float> query,
                                                      std::size_t k) const = 0;

  /// Does up to `steps` of work that makes later searches fast; true: there is more to do. Until
  /// it is done searches take longer.
  virtual bool prepare(std::size_t steps) = 0;

  [[nodiscard]] virtual std::size_t size() const = 0;
  /// About how much memory it takes.
  [[nodiscard]] virtual std::size_t bytes() const = 0;
};

/// Looks at every vector: exact.
[[nodiscard]] std::unique_ptr<vector_index> make_exact_index();

/// Up to `graph_from` vectors it scans sketches of a bit per number and follows the best, which
/// finds nearly all that an exact scan finds; then a graph (HNSW), whose time grows less than the
/// number of vectors and which misses some of the nearest. By default from where a scan takes about
/// two milliseconds.
inline constexpr auto graph_from_default = std::size_t{400'000};
[[nodiscard]] std::unique_ptr<vector_index>
make_vector_index(std::size_t graph_from = graph_from_default);

/// Both of `count` floats. As fast as this processor allows.
[[nodiscard]] float dot_product(const float* a, const float* b, std::size_t count);

}  // namespace persona_runtime
