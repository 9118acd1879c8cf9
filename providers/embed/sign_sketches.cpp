#include "providers/embed/sign_sketches.hpp"

#include "providers/embed/rotation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

namespace persona_runtime {
namespace {

constexpr auto numbers_per_table = std::size_t{4};

// Of a random direction of n numbers the absolute values add up to 0.80 · √n, and what a product
// with its signs tells about a similarity s is off by 0.60 · √(1 - s²) in that measure (standard
// deviation). Those sums differ from vector to vector, so that it is not exact for s = 1 either.
const auto kept = std::sqrt(2 * std::numbers::inv_pi_v<float>);
const auto deviation = std::sqrt(1 - 2 * std::numbers::inv_pi_v<float>);
constexpr auto share_min = 0.25F;          // of the squared deviation
constexpr auto deviations_allowed = 2.6F;  // 1 of 200 is further off on that side

constexpr auto sample_step = std::size_t{8};
static_assert(sketched_dimension_max / numbers_per_table * sketch_entry_max <= 0xFFFF);

/// The greatest sum of absolute values that one table has to hold.
float greatest_sum(std::span<const float> query) {
  auto greatest = 0.0F;
  for (auto i = std::size_t{0}; i < query.size(); i += numbers_per_table) {
    auto sum = 0.0F;
    for (const auto x : query.subspan(i, numbers_per_table))
      sum += std::abs(x);
    greatest = std::max(greatest, sum);
  }
  return greatest;
}

/// Which of four signs go with the query's, added up: an entry for each of the sixteen cases.
void fill_table(std::span<const float> four, float scale, std::uint8_t* table) {
  for (auto i = std::size_t{0}; i < four.size(); ++i) {
    const auto weight = static_cast<std::uint8_t>(std::lround(std::abs(four[i]) * scale));
    for (auto signs = std::size_t{0}; signs < sketch_table; ++signs) {
      const auto is_positive = (signs >> i & 1) != 0;
      table[signs] =
        static_cast<std::uint8_t>(table[signs] + (is_positive == (four[i] >= 0) ? weight : 0));
    }
  }
}

// Eight scores at once: most groups hold none that is wanted.
using lanes = std::uint16_t __attribute__((vector_size(16)));
constexpr auto lanes_count = std::size_t{8};
static_assert(sketch_rows % lanes_count == 0);

bool has_any(const std::uint16_t* scores, std::uint16_t from) {
  auto eight = lanes{};
  std::memcpy(&eight, scores, sizeof eight);
  const auto reached = eight >= from;
  auto halves = std::array<std::uint64_t, 2>{};
  std::memcpy(&halves, &reached, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

}  // namespace

std::size_t sign_sketches::index_of(std::size_t place, std::size_t byte) const {
  return (place / sketch_rows * bytes_each_ + byte) * sketch_rows + place % sketch_rows;
}

void sign_sketches::add(std::span<const float> vector) {
  bytes_each_ = rotated_size(vector.size()) / 8;
  const auto place = count_++;
  if (place % sketch_rows == 0)
    values_.resize(values_.size() + bytes_each_ * sketch_rows);
  const auto numbers = rotated(vector);
  for (auto byte = std::size_t{0}; byte < bytes_each_; ++byte) {
    auto signs = 0U;
    for (auto i = std::size_t{0}; i < 8; ++i)
      signs |= (numbers[byte * 8 + i] >= 0 ? 1U : 0U) << i;
    values_[index_of(place, byte)] = static_cast<std::uint8_t>(signs);
  }
}

void sign_sketches::remove(std::size_t place) {
  const auto last = --count_;
  for (auto byte = std::size_t{0}; byte < bytes_each_; ++byte)
    values_[index_of(place, byte)] = values_[index_of(last, byte)];
  if (last % sketch_rows == 0)
    values_.resize(values_.size() - bytes_each_ * sketch_rows);
}

sketch_scores::sketch_scores(const sign_sketches& sketches, std::span<const float> query)
  : count_{sketches.size()}, size_{static_cast<float>(rotated_size(query.size()))} {
  const auto numbers = rotated(query);
  auto tables = std::vector<std::uint8_t>(numbers.size() / numbers_per_table * sketch_table);
  // Rounding adds at most a half four times.
  if (const auto greatest = greatest_sum(numbers); greatest > 0)
    scale_ = static_cast<float>(sketch_entry_max - numbers_per_table / 2) / greatest;
  for (auto i = std::size_t{0}; i < numbers.size(); i += numbers_per_table) {
    auto* table = tables.data() + i / numbers_per_table * sketch_table;
    fill_table(std::span{numbers}.subspan(i, numbers_per_table), scale_, table);
    greatest_ += *std::max_element(table, table + sketch_table);
  }
  const auto blocks = (count_ + sketch_rows - 1) / sketch_rows;
  scores_ = std::make_unique_for_overwrite<std::uint16_t[]>(blocks * sketch_rows);
  sketch_sums(sketches.values_.data(), sketches.bytes_each_, blocks, tables.data(), scores_.get());
}

std::size_t sketch_scores::reached_by(std::size_t count) const {
  auto having = std::vector<std::uint32_t>(end());
  for (auto place = std::size_t{0}; place < count_; place += sample_step)
    ++having[scores_[place]];
  auto score = greatest_;
  for (auto sum = std::size_t{having[score]}; score > 0 && sum * sample_step < count;
       sum += having[score])
    --score;
  return score;
}

std::size_t sketch_scores::least_of(float similarity) const {
  if (!std::isfinite(similarity))
    return 0;
  const auto expected = similarity * kept * std::sqrt(size_);
  const auto share = std::max(share_min, 1 - similarity * similarity);
  const auto off = deviations_allowed * deviation * std::sqrt(share);
  const auto score = (static_cast<float>(greatest_) + (expected - off) * scale_) / 2;
  return static_cast<std::size_t>(std::clamp(score, 0.0F, static_cast<float>(greatest_)));
}

std::vector<std::uint32_t> sketch_scores::places(std::size_t from, std::size_t below) const {
  auto out = std::vector<std::uint32_t>{};
  for (auto begin = std::size_t{0}; begin < count_; begin += lanes_count) {
    if (!has_any(scores_.get() + begin, static_cast<std::uint16_t>(from)))
      continue;
    for (auto place = begin; place < std::min(begin + lanes_count, count_); ++place) {
      if (scores_[place] >= from && scores_[place] < below)
        out.push_back(static_cast<std::uint32_t>(place));
    }
  }
  return out;
}

}  // namespace persona_runtime
