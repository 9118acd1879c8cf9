#include "providers/embed/rough_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace persona_runtime {
namespace {

constexpr auto middle = 8;
constexpr auto row_max = 7.0F;
constexpr auto query_max = 127.0F;
// Each number is off by up to half a step, evenly: a product with a vector of length 1 has a
// standard deviation of 0.29 steps. These are 2.6 of it.
constexpr auto steps_allowed = 0.75F;

float greatest_of(std::span<const float> vector) {
  auto greatest = 0.0F;
  for (const auto x : vector)
    greatest = std::max(greatest, std::abs(x));
  return greatest;
}

int part_of(float x, float greatest, float parts) {
  return greatest > 0 ? static_cast<int>(std::lround(x / greatest * parts)) : 0;
}

}  // namespace

void rough_vectors::add(std::span<const float> vector) {
  if (blocks_ == 0)
    blocks_ = (vector.size() + rough_block - 1) / rough_block;
  const auto greatest = greatest_of(vector);
  const auto begin = scales_.size() * blocks_ * rough_block_bytes;
  values_.resize(begin + blocks_ * rough_block_bytes, middle | middle << 4);
  auto squares = 0.0F;
  auto with_copy = 0.0F;
  for (auto i = std::size_t{0}; i < vector.size(); ++i) {
    const auto part = part_of(vector[i], greatest, row_max);
    squares += vector[i] * vector[i];
    with_copy += vector[i] * static_cast<float>(part);
    const auto value = static_cast<unsigned>(middle + part);
    auto& both = values_[begin + i / rough_block * rough_block_bytes + i % rough_block_bytes];
    const auto is_first = i % rough_block < rough_block_bytes;
    both = static_cast<std::uint8_t>(is_first ? (both & 0xf0U) | value : (both & 15U) | value << 4);
  }
  // Many numbers may be equal and rounded the same way: so the vector with its copy gives what it
  // gives with itself.
  scales_.push_back(with_copy > 0 ? squares / with_copy : 0);
}

void rough_vectors::remove(std::size_t place) {
  const auto bytes_each = blocks_ * rough_block_bytes;
  const auto begin_of = [this, bytes_each](std::size_t at) {
    return values_.begin() + static_cast<std::ptrdiff_t>(at * bytes_each);
  };
  const auto last = scales_.size() - 1;
  if (place != last) {
    std::copy_n(begin_of(last), bytes_each, begin_of(place));
    scales_[place] = scales_[last];
  }
  scales_.pop_back();
  values_.resize(scales_.size() * bytes_each);
}

std::size_t rough_vectors::bytes() const {
  return values_.capacity() + scales_.capacity() * sizeof(float);
}

rough_query::rough_query(const rough_vectors& vectors, std::span<const float> query)
  : vectors_{vectors}, numbers_(vectors.blocks_ * rough_block) {
  const auto greatest = greatest_of(query);
  scale_ = greatest / query_max;
  std::ranges::transform(query, numbers_.begin(), [&](float x) {
    return static_cast<std::int8_t>(part_of(x, greatest, query_max));
  });
  too_much_ = middle * std::accumulate(numbers_.begin(), numbers_.end(), std::int32_t{0});
}

float rough_query::most(std::size_t place) const {
  const auto* row = vectors_.values_.data() + place * vectors_.blocks_ * rough_block_bytes;
  const auto product = rough_product(row, vectors_.blocks_, numbers_.data()) - too_much_;
  return (static_cast<float>(product) * scale_ + steps_allowed) * vectors_.scales_[place];
}

void rough_query::prepare(std::size_t place) const {
  const auto bytes_each = vectors_.blocks_ * rough_block_bytes;
  const auto* row = vectors_.values_.data() + place * bytes_each;
  for (auto i = std::size_t{0}; i < bytes_each; i += cache_line_bytes)
    __builtin_prefetch(row + i);
  __builtin_prefetch(vectors_.scales_.data() + place);
}

}  // namespace persona_runtime
