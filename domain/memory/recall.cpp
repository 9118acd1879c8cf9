#include "domain/memory/recall.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace persona_runtime {
namespace {

constexpr auto budget_max = std::int64_t{8};
constexpr auto budget_min = std::int64_t{3};
constexpr auto rank_offset = 60.0;
constexpr auto half_life_days = 30.0;
constexpr auto day_ms = 86'400'000.0;

struct fused {
  recall_candidate candidate;
  double score = 0;
};

bool ranks_before(const fused& a, const fused& b) {
  if (a.score != b.score)
    return a.score > b.score;
  if (a.candidate.created_at != b.candidate.created_at)
    return a.candidate.created_at > b.candidate.created_at;
  return a.candidate.row > b.candidate.row;
}

bool is_older(const memory_chunk& a, const memory_chunk& b) {
  return a.created_at != b.created_at ? a.created_at < b.created_at : a.id < b.id;
}

}  // namespace

recalled_memory nothing_read() {
  auto out = recalled_memory{};
  out.missing.assign(memory_store_kinds.begin(), memory_store_kinds.end());
  return out;
}

std::array<recall_count, 4> recall_counts(const recalled_memory& memory) {
  const auto count = [](memory_store_kind kind, const std::vector<memory_chunk>& chunks) {
    return recall_count{kind, static_cast<std::uint32_t>(chunks.size())};
  };
  return {recall_count{memory_store_kind::identity, memory.identity},
          count(memory_store_kind::self_facts, memory.self_facts),
          count(memory_store_kind::worldview, memory.worldview),
          count(memory_store_kind::episodic, memory.episodic)};
}

std::uint32_t recall_budget(std::uint32_t top_k, std::optional<std::int64_t> history_turns) {
  if (!history_turns)
    return top_k;
  const auto turns = std::clamp(*history_turns, std::int64_t{0}, budget_max);
  return static_cast<std::uint32_t>(std::max(budget_min, budget_max - turns));
}

std::uint32_t recent_share(std::uint32_t k) {
  return std::min(k, std::max(2U, k / 2));
}

std::vector<memory_chunk> with_recent(std::vector<memory_chunk> recent,
                                      std::vector<memory_chunk> alike, std::uint32_t k) {
  const auto known = recent.size();
  for (auto& chunk : alike) {
    if (recent.size() >= k)
      break;
    const auto same = [&](const memory_chunk& other) { return other.id == chunk.id; };
    const auto end = recent.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::none_of(recent.begin(), end, same))
      recent.push_back(std::move(chunk));
  }
  std::ranges::stable_sort(recent, is_older);
  return recent;
}

double recency_factor(instant created_at, instant now) {
  const auto age_ms = std::max(0.0, static_cast<double>(now.value - created_at.value));
  return 0.5 + 0.5 * std::exp2(-age_ms / day_ms / half_life_days);
}

std::vector<scored_row> fuse_ranks(std::span<const recall_candidate> by_words,
                                   std::span<const recall_candidate> by_vector, instant now,
                                   std::uint32_t k) {
  auto all = std::vector<fused>{};
  auto by_row = std::unordered_map<std::int64_t, std::size_t>{};
  all.reserve(by_words.size() + by_vector.size());
  for (const auto list : {by_words, by_vector}) {
    for (auto i = std::size_t{0}; i < list.size(); ++i) {
      const auto [at, fresh] = by_row.try_emplace(list[i].row, all.size());
      if (fresh)
        all.push_back({list[i], 0});
      all[at->second].score += 1.0 / (rank_offset + static_cast<double>(i + 1));
    }
  }
  for (auto& one : all) {
    one.score *= recency_factor(one.candidate.created_at, now)
                 * (0.5 + static_cast<double>(one.candidate.importance));
  }
  std::ranges::sort(all, ranks_before);
  auto out = std::vector<scored_row>{};
  for (const auto& one : all) {
    if (out.size() >= k)
      break;
    out.push_back({one.candidate.row, one.score});
  }
  return out;
}

}  // namespace persona_runtime
