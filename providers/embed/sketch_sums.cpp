#include "providers/embed/sign_sketches.hpp"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace persona_runtime {
namespace {

void sums_plain(const std::uint8_t* values, std::size_t bytes_each, std::size_t blocks,
                const std::uint8_t* tables, std::uint16_t* out) {
  for (auto block = std::size_t{0}; block < blocks; ++block, out += sketch_rows) {
    std::fill_n(out, sketch_rows, std::uint16_t{0});
    for (auto byte = std::size_t{0}; byte < bytes_each; ++byte, values += sketch_rows) {
      const auto* low = tables + byte * 2 * sketch_table;
      const auto* high = low + sketch_table;
      for (auto row = std::size_t{0}; row < sketch_rows; ++row) {
        const auto sum = out[row] + low[values[row] & 15] + high[values[row] >> 4];
        out[row] = static_cast<std::uint16_t>(sum);
      }
    }
  }
}

#if defined(__x86_64__)
using wide = __m256i;

[[gnu::target("avx2"), gnu::always_inline]] inline wide table_at(const std::uint8_t* table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}

/// One byte of 32 rows, looked up.
[[gnu::target("avx2"), gnu::always_inline]] inline wide sums_of(const std::uint8_t* values,
                                                                const std::uint8_t* tables) {
  const auto low = _mm256_set1_epi8(15);
  const auto both = _mm256_loadu_si256(reinterpret_cast<const wide*>(values));
  const auto first = _mm256_and_si256(both, low);
  const auto second = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table_at(tables), first),
                         _mm256_shuffle_epi8(table_at(tables + sketch_table), second));
}

// As many bytes as add up in eight bits.
constexpr auto bytes_at_once = std::size_t{4};
static_assert(2 * bytes_at_once * sketch_entry_max <= 255);

[[gnu::target("avx2")]] void sums_wide(const std::uint8_t* values, std::size_t bytes_each,
                                       std::size_t blocks, const std::uint8_t* tables,
                                       std::uint16_t* out) {
  constexpr auto step = 2 * sketch_table;
  const auto low = _mm256_set1_epi16(255);
  for (auto block = std::size_t{0}; block < blocks; ++block, out += sketch_rows) {
    auto even = _mm256_setzero_si256();
    auto odd = _mm256_setzero_si256();
    const auto* table = tables;
    for (auto byte = std::size_t{0}; byte < bytes_each; byte += bytes_at_once) {
      const auto sums = _mm256_add_epi8(
        _mm256_add_epi8(sums_of(values, table), sums_of(values + sketch_rows, table + step)),
        _mm256_add_epi8(sums_of(values + 2 * sketch_rows, table + 2 * step),
                        sums_of(values + 3 * sketch_rows, table + 3 * step)));
      even = _mm256_add_epi16(even, _mm256_and_si256(sums, low));
      odd = _mm256_add_epi16(odd, _mm256_srli_epi16(sums, 8));
      values += bytes_at_once * sketch_rows;
      table += bytes_at_once * step;
    }
    const auto outer = _mm256_unpacklo_epi16(even, odd);  // rows 0..7 and 16..23
    const auto inner = _mm256_unpackhi_epi16(even, odd);  // rows 8..15 and 24..31
    auto* to = reinterpret_cast<wide*>(out);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(outer, inner, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(outer, inner, 0x31));
  }
}

using sums_function = void (*)(const std::uint8_t*, std::size_t, std::size_t, const std::uint8_t*,
                               std::uint16_t*);
const sums_function sums_here = __builtin_cpu_supports("avx2") ? sums_wide : sums_plain;
#else
constexpr auto sums_here = sums_plain;
#endif

}  // namespace

void sketch_sums(const std::uint8_t* values, std::size_t bytes_each, std::size_t blocks,
                 const std::uint8_t* tables, std::uint16_t* out) {
  sums_here(values, bytes_each, blocks, tables, out);
}

}  // namespace persona_runtime
