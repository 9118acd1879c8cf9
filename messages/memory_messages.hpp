#pragma once
// What the actors that remember are asked and told.

#include "domain/memory/outcome.hpp"
#include "domain/memory/recall.hpp"
#include "messages/journal_messages.hpp"

#include <functional>

namespace persona_runtime {

/// Asks what is remembered of something.
///
/// From:    recall_from, for a tool; to the memory actor of the persona (memory_shard).
/// Answer:  memory_answer, within about 300 ms; stores that could not be read are named in it.
/// Failure: none; silence means that the actor is gone: go on without memory.
struct ask_memory {
  recall_request what;
};
struct memory_answer {
  recalled_memory what;
  std::optional<learned_autonomy> learned{};
};
template <>
inline constexpr std::size_t declared_fields<memory_answer> = 2;

/// The same question of one in this process who is called instead of answered. Local: it never
/// leaves the process.
///
/// From:    a run, a turn, a completion.
/// Answer:  `done` is called once on the memory actor's thread, or never: its asker is patient
///          only so long.
struct recall_for {
  recall_request what;
  std::function<void(memory_answer)> done;
};

/// Tells that a question's vector was made, or not. From: the embedder's callback, to the actor.
struct query_embedded {
  std::uint64_t ticket = 0;
  bool made = false;
  embedding vector;
};
/// The actor's own: the question has waited long enough.
struct query_late {
  std::uint64_t ticket = 0;
};
/// Tells that vectors for the front of the queue were made; none: they could not be. From: the
/// embedder's callback, to the actor.
struct batch_embedded {
  std::vector<placed_vectors> vectors;
};
/// The actor's own: look into the queue; do a part of the work that makes searches fast.
struct embed_tick {};
struct index_tick {};

using memory_actor =
  interface<answers<memory_answer, ask_memory>, takes<recall_for>, takes<memory_changed>,
            takes<vectors_kept>, takes<query_embedded>, takes<query_late>, takes<batch_embedded>,
            takes<embed_tick>, takes<index_tick>>;

/// Which of `shards` memory actors answers for a persona: the same on every start.
[[nodiscard]] inline std::size_t memory_shard(const persona_id& persona, std::size_t shards) {
  auto hash = std::uint64_t{0xcbf29ce484222325};  // FNV-1a
  for (const auto c : persona.value)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return shards == 0 ? 0 : static_cast<std::size_t>(hash % shards);
}

}  // namespace persona_runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(persona_runtime::recall_for)
