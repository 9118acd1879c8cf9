#include "providers/embed/rough_vectors.hpp"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace persona_runtime {
namespace {

std::int32_t block_product(const std::uint8_t* row, const std::int8_t* query) {
  auto sum = std::int32_t{0};
  for (auto i = std::size_t{0}; i < rough_block_bytes; ++i)
    sum += (row[i] & 15) * query[i] + (row[i] >> 4) * query[rough_block_bytes + i];
  return sum;
}

void products_plain(const std::uint8_t* rows, std::size_t blocks, std::size_t count,
                    const std::int8_t* query, std::int32_t* out) {
  for (auto row = std::size_t{0}; row < count; ++row) {
    auto sum = std::int32_t{0};
    for (auto block = std::size_t{0}; block < blocks; ++block, rows += rough_block_bytes)
      sum += block_product(rows, query + block * rough_block);
    out[row] = sum;
  }
}

#if defined(__x86_64__)
using wide = __m256i;

[[gnu::target("avx2"), gnu::always_inline]] inline wide load(const void* at) {
  return _mm256_loadu_si256(static_cast<const wide*>(at));
}

[[gnu::target("avx2"), gnu::always_inline]] inline std::int32_t sum_of(wide eight) {
  auto four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return _mm_cvtsi128_si32(four);
}

/// Sums of two products each, in sixteen bits.
[[gnu::target("avx2"), gnu::always_inline]] inline wide pairs_of(const std::uint8_t* row,
                                                                 const std::int8_t* query) {
  const auto low = _mm256_set1_epi8(15);
  const auto both = load(row);
  const auto first = _mm256_and_si256(both, low);
  const auto second = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
  return _mm256_add_epi16(_mm256_maddubs_epi16(first, load(query)),
                          _mm256_maddubs_epi16(second, load(query + rough_block_bytes)));
}

// Four blocks add up to at most 16 products of 15 and 127 in sixteen bits: there is room for a few
// more, not for another block's.
constexpr auto blocks_in_16_bits = std::size_t{4};

[[gnu::target("avx2")]] void products_wide(const std::uint8_t* rows, std::size_t blocks,
                                           std::size_t count, const std::int8_t* query,
                                           std::int32_t* out) {
  const auto ones = _mm256_set1_epi16(1);
  for (auto row = std::size_t{0}; row < count; ++row) {
    auto sum = _mm256_setzero_si256();
    for (auto block = std::size_t{0}; block < blocks;) {
      auto pairs = _mm256_setzero_si256();
      for (const auto end = std::min(block + blocks_in_16_bits, blocks); block < end; ++block) {
        pairs = _mm256_add_epi16(pairs, pairs_of(rows, query + block * rough_block));
        rows += rough_block_bytes;
      }
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
    }
    out[row] = sum_of(sum);
  }
}

using products_function = void (*)(const std::uint8_t*, std::size_t, std::size_t,
                                   const std::int8_t*, std::int32_t*);
const products_function products_here =
  __builtin_cpu_supports("avx2") ? products_wide : products_plain;
#else
constexpr auto products_here = products_plain;
#endif

}  // namespace

void rough_products(const std::uint8_t* rows, std::size_t blocks, std::size_t count,
                    const std::int8_t* query, std::int32_t* out) {
  products_here(rows, blocks, count, query, out);
}

}  // namespace persona_runtime
