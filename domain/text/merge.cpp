#include "domain/text/merge.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

namespace persona_runtime {
namespace {

/// Up to this size, looking at all pairs for each merge beats keeping a heap in order.
constexpr std::size_t small_bytes_max = 64;

struct token_part {
  std::uint32_t begin;
  std::uint32_t rank;  // of this part joined with the next one
};

std::uint32_t rank_between(const rank_table& ranks, std::string_view piece, std::uint32_t begin,
                           std::uint32_t end) {
  return ranks.find(piece.substr(begin, end - begin));
}

void merge_small(const rank_table& ranks, std::string_view piece,
                 std::vector<std::uint32_t>& borders) {
  std::array<token_part, small_bytes_max + 1> parts;
  std::size_t count = piece.size();
  for (std::uint32_t i = 0; i < count; ++i)
    parts[i] = {i, i + 1 < count ? rank_between(ranks, piece, i, i + 2) : rank_table::none};
  parts[count] = {static_cast<std::uint32_t>(count), rank_table::none};
  while (true) {
    const auto lowest =
      std::min_element(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count),
                       [](const token_part& a, const token_part& b) { return a.rank < b.rank; });
    if (lowest->rank == rank_table::none)
      break;
    std::copy(lowest + 2, parts.begin() + static_cast<std::ptrdiff_t>(count) + 1, lowest + 1);
    --count;
    const auto at = static_cast<std::size_t>(lowest - parts.begin());
    parts[at].rank = at + 1 < count
                       ? rank_between(ranks, piece, parts[at].begin, parts[at + 2].begin)
                       : rank_table::none;
    if (at > 0)
      parts[at - 1].rank = rank_between(ranks, piece, parts[at - 1].begin, parts[at + 1].begin);
  }
  borders.resize(count + 1);
  std::transform(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count) + 1,
                 borders.begin(), [](const token_part& p) { return p.begin; });
}

/// Orders keys of rank << 32 | position, which stand in order of their position, by rank. A heap
/// or a comparing sort of all pairs would cost more than all else that is done for them.
void sort_by_rank(std::vector<std::uint64_t>& keys) {
  constexpr unsigned digit_bits = 11;
  constexpr std::size_t digits = std::size_t{1} << digit_bits;  // two hold every rank there can be
  std::vector<std::uint64_t> sorted(keys.size());
  for (const unsigned shift : {32u, 32u + digit_bits}) {
    const auto digit = [shift](std::uint64_t key) { return key >> shift & (digits - 1); };
    std::array<std::uint32_t, digits> place{};
    for (const std::uint64_t key : keys)
      ++place[digit(key)];
    std::exclusive_scan(place.begin(), place.end(), place.begin(), 0u);
    for (const std::uint64_t key : keys)
      sorted[place[digit(key)]++] = key;
    keys.swap(sorted);
  }
}

/// A piece of any size: parts as a linked list; the pairs of its bytes in a sorted list, those that
/// merging makes in a heap. A pair that a neighbour's merge has changed is passed over when it
/// comes up.
class large_merge {
public:
  large_merge(const rank_table& ranks, std::string_view piece)
    : ranks_{ranks}, piece_{piece}, size_{static_cast<std::uint32_t>(piece.size())},
      parts_(size_ + 1u) {
    for (std::uint32_t i = 0; i < size_; ++i)
      parts_[i] = {i + 1, i == 0 ? 0 : i - 1, pair_rank(i, i + 2)};
    parts_[size_] = {size_, size_ - 1, rank_table::none};
    first_pairs_.reserve(size_);
    for (std::uint32_t i = 0; i < size_; ++i) {
      if (parts_[i].rank != rank_table::none)
        first_pairs_.push_back(key(i));
    }
    sort_by_rank(first_pairs_);
  }

  void run(std::vector<std::uint32_t>& borders) {
    for (std::uint64_t top = take_lowest(); top != nothing; top = take_lowest()) {
      const auto at = static_cast<std::uint32_t>(top);
      if (parts_[at].rank == top >> 32)
        join(at);
    }
    borders.clear();
    for (std::uint32_t i = 0; i < size_; i = parts_[i].next)
      borders.push_back(i);
    borders.push_back(size_);
  }

private:
  static constexpr auto nothing = ~std::uint64_t{0};

  /// Part i begins at byte i. A part that was joined to the one before has rank none for ever.
  struct link {
    std::uint32_t next;
    std::uint32_t previous;
    std::uint32_t rank;  // of this part joined with the next one
  };

  [[nodiscard]] std::uint32_t pair_rank(std::uint32_t begin, std::uint32_t end) const {
    return end <= size_ ? rank_between(ranks_, piece_, begin, end) : rank_table::none;
  }

  [[nodiscard]] std::uint64_t key(std::uint32_t at) const {
    return std::uint64_t{parts_[at].rank} << 32 | at;
  }

  std::uint64_t take_lowest() {
    const auto first = next_first_ < first_pairs_.size() ? first_pairs_[next_first_] : nothing;
    if (heap_.empty() || first < heap_.front()) {
      ++next_first_;
      return first;
    }
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
    const std::uint64_t top = heap_.back();
    heap_.pop_back();
    return top;
  }

  void set_rank(std::uint32_t at, std::uint32_t rank) {
    parts_[at].rank = rank;
    if (rank == rank_table::none)
      return;
    heap_.push_back(key(at));
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
  }

  void join(std::uint32_t at) {
    const std::uint32_t gone = parts_[at].next;
    const std::uint32_t next = parts_[gone].next;
    parts_[gone].rank = rank_table::none;
    parts_[at].next = next;
    parts_[next].previous = at;
    set_rank(at, next < size_ ? pair_rank(at, parts_[next].next) : rank_table::none);
    if (at > 0)
      set_rank(parts_[at].previous, pair_rank(parts_[at].previous, next));
  }

  const rank_table& ranks_;
  std::string_view piece_;
  std::uint32_t size_;
  std::vector<link> parts_;
  std::vector<std::uint64_t> first_pairs_;
  std::size_t next_first_ = 0;
  std::vector<std::uint64_t> heap_;
};

}  // namespace

void merge_piece(const rank_table& ranks, std::string_view piece,
                 std::vector<std::uint32_t>& borders) {
  if (piece.size() <= small_bytes_max)
    merge_small(ranks, piece, borders);
  else
    large_merge{ranks, piece}.run(borders);
}

}  // namespace persona_runtime
