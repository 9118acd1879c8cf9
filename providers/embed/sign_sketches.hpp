#pragma once
// Of each number of a rotated vector only whether it is positive: a thirty-second of the memory to
// read. That tells a similarity to about 0.05 (256 numbers), which is enough to leave most vectors
// out. For sources of this folder.

#include "providers/embed/scan_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace persona_runtime {

/// Sums of scores have sixteen bits.
inline constexpr auto sketched_dimension_max = std::size_t{8'192};

class sign_sketches {
public:
  /// It gets the next place, from 0. All are of one dimension, at most sketched_dimension_max.
  void add(std::span<const float> vector);
  /// The last one takes the free place.
  void remove(std::size_t place);

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::size_t bytes() const { return values_.capacity(); }

private:
  friend class sketch_scores;
  [[nodiscard]] std::size_t index_of(std::size_t place, std::size_t byte) const;

  std::size_t bytes_each_ = 0;
  std::size_t count_ = 0;
  scan_vector<std::uint8_t> values_;  // blocks of sketch_rows: byte 0 of each, byte 1 of each, …
};

/// How well each sketch goes with a query of the same dimension: 0 and more.
class sketch_scores {
public:
  sketch_scores(const sign_sketches& sketches, std::span<const float> query);

  /// The greatest score that `count` sketches reach; 0: there are not more.
  [[nodiscard]] std::size_t reached_by(std::size_t count) const;
  /// What a vector of that similarity (or a greater one) reaches, but for one in two hundred; of
  /// minus infinity: 0.
  [[nodiscard]] std::size_t least_of(float similarity) const;
  /// Places with a score of from..below - 1, ascending.
  [[nodiscard]] std::vector<std::uint32_t> places(std::size_t from, std::size_t below) const;

  /// Above every score.
  [[nodiscard]] std::size_t end() const { return greatest_ + 1; }

private:
  std::size_t count_;
  float size_;                // of a rotated vector
  float scale_ = 0;           // what 1 in a rotated query is in scores
  std::size_t greatest_ = 0;  // what the query's own sketch has
  std::unique_ptr<std::uint16_t[]> scores_;
};

inline constexpr auto sketch_rows = std::size_t{32};
inline constexpr auto sketch_table = std::size_t{16};  // one for each half of a byte, lower first
inline constexpr auto sketch_entry_max = std::size_t{31};

/// Looks up both halves of every byte of a row in their tables and adds that up, for the rows of
/// `blocks` blocks; `bytes_each` is a multiple of 4. As fast as this processor allows.
void sketch_sums(const std::uint8_t* values, std::size_t bytes_each, std::size_t blocks,
                 const std::uint8_t* tables, std::uint16_t* out);

}  // namespace persona_runtime
