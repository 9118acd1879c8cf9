#pragma once
#include "actors/engine_counters.hpp"
#include "actors/memory_recall.hpp"
#include "messages/memory_messages.hpp"
#include "providers/store/journal_store.hpp"

#include <caf/stateful_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace persona_runtime {

struct memory_deps {
  journal_actor journal;
  std::shared_ptr<journal_store> store;  // read only
  std::shared_ptr<engine_counters> counters;
  std::shared_ptr<embedder> embeds;
  std::function<std::unique_ptr<vector_index>()> make_index;
  std::function<instant()> now;
  bool drains_queue = true;  // one of all memory actors makes the vectors of chunks
  std::chrono::milliseconds query_time{300};
  std::chrono::milliseconds batch_time{30'000};
  std::size_t index_bytes_max = std::size_t{512} << 20;
};

struct memory_life : stays_here {
  struct asked {
    std::function<void(memory_answer)> done;
    recall_request what;
    std::unique_ptr<pending_call> call;
  };
  static inline const char* name = "memory";
  memory_deps deps;
  std::unique_ptr<memory_recall> recall;
  std::map<std::uint64_t, asked> waiting;  // for a vector; at most waiting_max
  std::uint64_t ticket = 0;
  std::unique_ptr<pending_call> batch;  // vectors of chunks under way
  bool embedding_now = false;
  bool embed_due = false;  // an embed_tick is on its way
  bool index_due = false;
  std::size_t bytes_told = 0;  // its share of counters->memory_index_bytes
  ~memory_life();
};

/// Answers what is remembered, from indexes in memory and rows that it reads; changes nothing
/// itself. Keeps the vectors of chunks up to date with the embedder in use.
///
/// Spawned by: bootstrap, a few per store, by persona id (memory_shard); detached: reading blocks.
/// Thread:     its own.
/// Sends:      keep_vectors and queue_vectors to the journal; ticks to itself.
/// Dies:       on an exit message. Its indexes are read anew by a successor.
memory_actor::behavior_type memory_behavior(memory_actor::stateful_pointer<memory_life> self,
                                            memory_deps deps);

/// Asks one of `memories`, by the persona, and calls `done` once, on a thread of `sys`; with every
/// store missing when it does not answer in time. For whoever is not an actor that can wait. `sys`
/// must outlive the question.
void recall_from(caf::actor_system& sys, const std::vector<memory_actor>& memories,
                 recall_request what, std::chrono::milliseconds time_limit,
                 std::function<void(recalled_memory, std::optional<learned_autonomy>)> done);

}  // namespace persona_runtime
