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

std::int32_t product_plain(const std::uint8_t* row, std::size_t blocks, const std::int8_t* query) {
  auto sum = std::int32_t{0};
  for (auto block = std::size_t{0}; block < blocks; ++block)
    sum += block_product(row + block * rough_block_bytes, query + block * rough_block);
  return sum;
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

[[gnu::target("avx2")]] std::int32_t product_wide(const std::uint8_t* row, std::size_t blocks,
                                                  const std::int8_t* query) {
  const auto ones = _mm256_set1_epi16(1);
  auto sum = _mm256_setzero_si256();
  for (auto block = std::size_t{0}; block < blocks;) {
    auto pairs = _mm256_setzero_si256();
    for (const auto end = std::min(block + blocks_in_16_bits, blocks); block < end; ++block) {
      pairs = _mm256_add_epi16(
        pairs, pairs_of(row + block * rough_block_bytes, query + block * rough_block));
    }
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
  }
  return sum_of(sum);
}

using product_function = std::int32_t (*)(const std::uint8_t*, std::size_t, const std::int8_t*);
const product_function product_here = __builtin_cpu_supports("avx2") ? product_wide : product_plain;
#else
constexpr auto product_here = product_plain;
#endif

}  // namespace

std::int32_t rough_product(const std::uint8_t* row, std::size_t blocks, const std::int8_t* query) {
  return product_here(row, blocks, query);
}

}  // namespace persona_runtime
