#include "providers/embed/vector_index.hpp"

#include <cstring>

namespace persona_runtime {
namespace {

// Eight lanes and four sums under way at once: the compiler may not reorder sums of floats itself.
using lanes = float __attribute__((vector_size(32)));
constexpr auto width = std::size_t{8};

[[gnu::always_inline]] inline void multiply_add(lanes& sum, const float* a, const float* b) {
  lanes x;
  lanes y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  sum += x * y;
}

[[gnu::always_inline]] inline float dot_of(const float* a, const float* b, std::size_t count) {
  auto s0 = lanes{};
  auto s1 = lanes{};
  auto s2 = lanes{};
  auto s3 = lanes{};
  auto i = std::size_t{0};
  for (; i + 4 * width <= count; i += 4 * width) {
    multiply_add(s0, a + i, b + i);
    multiply_add(s1, a + i + width, b + i + width);
    multiply_add(s2, a + i + 2 * width, b + i + 2 * width);
    multiply_add(s3, a + i + 3 * width, b + i + 3 * width);
  }
  s0 += s1 + s2 + s3;
  auto sum = 0.0F;
  for (auto lane = std::size_t{0}; lane < width; ++lane)
    sum += s0[lane];
  for (; i < count; ++i)
    sum += a[i] * b[i];
  return sum;
}

float dot_plain(const float* a, const float* b, std::size_t count) {
  return dot_of(a, b, count);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] float dot_wide(const float* a, const float* b, std::size_t count) {
  return dot_of(a, b, count);
}

using dot_function = float (*)(const float*, const float*, std::size_t);
const dot_function chosen =
  __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? dot_wide : dot_plain;
#else
constexpr auto chosen = dot_plain;
#endif

}  // namespace

float dot_product(const float* a, const float* b, std::size_t count) {
  return chosen(a, b, count);
}

}  // namespace persona_runtime
