#include "providers/embed/rough_vectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace persona_runtime {
namespace {

constexpr auto middle = 8;
constexpr auto row_max = 7.0F;
constexpr auto query_max = 127.0F;
constexpr auto rows_at_once = std::size_t{1'024};

float greatest_of(std::span<const float> vector) {
  auto greatest = 0.0F;
  for (const auto x : vector)
    greatest = std::max(greatest, std::abs(x));
  return greatest;
}

int part_of(float x, float greatest, float parts) {
  return greatest > 0 ? static_cast<int>(std::lround(x / greatest * parts)) : 0;
}

struct near_place {
  float similarity = 0;
  std::size_t place = 0;
};

/// Keeps the best that it is shown, and of equal ones the first.
class best_places {
public:
  explicit best_places(std::size_t count) : count_{count} { heap_.reserve(count); }

  void show(float similarity, std::size_t place) {
    if (heap_.size() == count_) {
      if (similarity <= heap_.front().similarity)
        return;
      std::ranges::pop_heap(heap_, std::greater{}, &near_place::similarity);
      heap_.pop_back();
    }
    heap_.push_back({similarity, place});
    std::ranges::push_heap(heap_, std::greater{}, &near_place::similarity);
  }

  [[nodiscard]] std::vector<std::size_t> places() const {
    auto out = std::vector<std::size_t>{};
    for (const auto& each : heap_)
      out.push_back(each.place);
    return out;
  }

private:
  std::size_t count_;
  std::vector<near_place> heap_;  // the worst in front
};

}  // namespace

void rough_vectors::add(std::span<const float> vector) {
  if (blocks_ == 0)
    blocks_ = (vector.size() + rough_block - 1) / rough_block;
  const auto greatest = greatest_of(vector);
  const auto begin = scales_.size() * blocks_ * rough_block_bytes;
  scales_.push_back(greatest / row_max);
  values_.resize(scales_.size() * blocks_ * rough_block_bytes, middle | middle << 4);
  for (auto i = std::size_t{0}; i < vector.size(); ++i) {
    const auto value = static_cast<unsigned>(middle + part_of(vector[i], greatest, row_max));
    auto& both = values_[begin + i / rough_block * rough_block_bytes + i % rough_block_bytes];
    const auto is_first = i % rough_block < rough_block_bytes;
    both = static_cast<std::uint8_t>(is_first ? (both & 0xf0U) | value : (both & 15U) | value << 4);
  }
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

std::vector<std::size_t> rough_vectors::nearest(std::span<const float> query,
                                                std::size_t count) const {
  if (count == 0 || scales_.empty())
    return {};
  auto wanted = std::vector<std::int8_t>(blocks_ * rough_block);
  const auto greatest = greatest_of(query);
  std::ranges::transform(
    query.first(std::min(query.size(), wanted.size())), wanted.begin(),
    [&](float x) { return static_cast<std::int8_t>(part_of(x, greatest, query_max)); });
  // Each number of a row stands `middle` too high.
  const auto too_much = middle * std::accumulate(wanted.begin(), wanted.end(), std::int32_t{0});
  auto best = best_places{count};
  auto products = std::array<std::int32_t, rows_at_once>{};
  for (auto end = scales_.size(); end > 0;) {  // from the end: of equal ones the later is kept
    const auto begin = end - std::min(end, rows_at_once);
    rough_products(values_.data() + begin * blocks_ * rough_block_bytes, blocks_, end - begin,
                   wanted.data(), products.data());
    for (; end > begin; --end) {
      const auto product = products[end - 1 - begin] - too_much;
      best.show(static_cast<float>(product) * scales_[end - 1], end - 1);
    }
  }
  return best.places();
}

std::size_t rough_vectors::bytes() const {
  return values_.capacity() + scales_.capacity() * sizeof(float);
}

}  // namespace persona_runtime
