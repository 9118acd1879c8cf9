#pragma once
// What a turn or a run is reminded of: how many chunks, which of them, in which order
// (runtime §4, persona-tools §7).

#include "domain/memory/chunk.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime {

/// What to remember, and of how much.
struct recall_request {
  memory_scope scope;  // of the talk; what the author wrote is searched with it
  std::string text;    // the user's message, the task
  std::uint32_t top_k = 3;
  /// Messages of the conversation so far: the budget is dynamic and episodes are recalled by
  /// recency too. None (runs): top_k of each, by likeness only.
  std::optional<std::int64_t> history_turns{};
  bool with_identity = true;            // false: nobody asks how much of it there is
  std::vector<std::string> left_out{};  // ids that the prompt shows anyway; at most 100
  friend bool operator==(const recall_request&, const recall_request&) = default;
};

/// What came of it. Episodes oldest first when history_turns was given, else best first.
struct recalled_memory {
  std::uint32_t identity = 0;  // chunks; what they say stands in the prompt anyway
  std::vector<memory_chunk> self_facts{};
  std::vector<memory_chunk> worldview{};
  std::vector<memory_chunk> episodic{};
  bool degraded = false;                     // by words alone: no vectors in time
  std::vector<memory_store_kind> missing{};  // stores that could not be read
  friend bool operator==(const recalled_memory&, const recalled_memory&) = default;
};

/// When memory did not answer: every store is missing.
[[nodiscard]] recalled_memory nothing_read();

/// What a persona has learned of how independent it may be: the current head of the chain
/// "autonomy" among its self facts.
struct learned_autonomy {
  std::optional<std::string> level{};  // metadata `autonomy_level` of the head
  friend bool operator==(const learned_autonomy&, const learned_autonomy&) = default;
};

/// The chain of self facts that holds it.
inline constexpr std::string_view autonomy_chain = "autonomy";

struct recall_count {
  memory_store_kind store = memory_store_kind::identity;
  std::uint32_t count = 0;
  friend bool operator==(const recall_count&, const recall_count&) = default;
};

/// Four counts in the order identity, self_facts, worldview, episodic; zeros too.
[[nodiscard]] std::array<recall_count, 4> recall_counts(const recalled_memory& memory);

/// How many chunks of each store: top_k without history_turns; else 8 at 0 or below, and
/// max(3, 8 - history_turns) after that.
[[nodiscard]] std::uint32_t recall_budget(std::uint32_t top_k,
                                          std::optional<std::int64_t> history_turns);

/// How many of k episodes come by recency: min(k, max(2, k div 2)).
[[nodiscard]] std::uint32_t recent_share(std::uint32_t k);

/// The recent ones, then those alike that are not among them, at most k in all, oldest first.
[[nodiscard]] std::vector<memory_chunk>
with_recent(std::vector<memory_chunk> recent, std::vector<memory_chunk> alike, std::uint32_t k);

/// What fusion must know of a candidate.
struct recall_candidate {
  std::int64_t row = 0;  // names the chunk
  instant created_at{};
  float importance = 0.5F;  // 0..1
};

struct scored_row {
  std::int64_t row = 0;
  double score = 0;
  friend bool operator==(const scored_row&, const scored_row&) = default;
};

/// Reciprocal rank fusion: each list, best first, gives a candidate 1 / (60 + rank), rank from 1;
/// the sum times (0.5 + 0.5 * 2^(-age / 30 d)) times (0.5 + importance). Best first, at most `k`;
/// of equals the newer, then the greater row. A row that stands in both lists is one candidate.
/// An age below 0 counts as 0.
[[nodiscard]] std::vector<scored_row> fuse_ranks(std::span<const recall_candidate> by_words,
                                                 std::span<const recall_candidate> by_vector,
                                                 instant now, std::uint32_t k);

/// The factor for age alone: 1 now, 0.75 after 30 days, towards 0.5.
[[nodiscard]] double recency_factor(instant created_at, instant now);

}  // namespace persona_runtime
