#include "providers/embed/rotation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace persona_runtime {
namespace {

constexpr auto size_min = std::size_t{64};
// One leaves patterns of vectors that are short or mostly zero.
constexpr auto rounds = std::uint64_t{2};

/// 64 random bits, always the same for a number.
std::uint64_t bits_of(std::uint64_t number) {
  auto x = (number + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

/// Turns the signs of about half of the numbers, and makes all smaller by what `mix` adds.
void flip(std::span<float> values, std::uint64_t round) {
  const auto scale = 1.0F / std::sqrt(static_cast<float>(values.size()));
  for (auto begin = std::size_t{0}; begin < values.size(); begin += 64) {
    auto bits = bits_of(round << 32 | begin);
    for (auto& value : values.subspan(begin, 64)) {
      value *= (bits & 1) != 0 ? scale : -scale;
      bits >>= 1;
    }
  }
}

/// Sums and differences of all numbers (a Walsh-Hadamard transform).
void mix(std::span<float> values) {
  for (auto half = std::size_t{1}; half < values.size(); half *= 2) {
    for (auto begin = std::size_t{0}; begin < values.size(); begin += 2 * half) {
      for (auto i = begin; i < begin + half; ++i) {
        const auto a = values[i];
        const auto b = values[i + half];
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
}

}  // namespace

std::size_t rotated_size(std::size_t dimension) {
  return std::bit_ceil(std::max(dimension, size_min));
}

std::vector<float> rotated(std::span<const float> vector) {
  auto out = std::vector<float>(rotated_size(vector.size()));
  std::ranges::copy(vector, out.begin());
  for (auto round = std::uint64_t{0}; round < rounds; ++round) {
    flip(out, round);
    mix(out);
  }
  return out;
}

}  // namespace persona_runtime
