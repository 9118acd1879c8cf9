#pragma once
// What a change of memory came to, for who asked and for who keeps an index of it.

#include "domain/memory/write.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

/// One request, carried out or refused. Rows name chunks inside the store.
struct memory_outcome {
  memory_place place;
  std::optional<memory_refusal> refusal{};  // then nothing below
  std::vector<std::string> chunk_ids{};     // what was written
  std::vector<std::int64_t> added{};        // rows that are heads now
  std::vector<std::int64_t> gone{};         // rows that were heads and are none any more
  bool purged = false;                      // the place holds nothing that it held before
  friend bool operator==(const memory_outcome&, const memory_outcome&) = default;
};

using embedding = std::vector<float>;

struct chunk_vector {
  std::int64_t row = 0;
  embedding vector;
  friend bool operator==(const chunk_vector&, const chunk_vector&) = default;
};

/// Vectors of chunks of one place.
struct placed_vectors {
  memory_place place;
  std::vector<chunk_vector> vectors;
  friend bool operator==(const placed_vectors&, const placed_vectors&) = default;
};

/// Whose memory to remove for good. Owner and user none: everything of the persona, what its
/// author wrote included.
struct memory_purge {
  persona_id persona;
  std::optional<owner_id> owner{};
  std::optional<std::string> user{};
  std::optional<std::string> asked_by{};  // noted in the one audit event that stays
  instant at{};
  friend bool operator==(const memory_purge&, const memory_purge&) = default;
};

struct memory_purged {
  std::uint64_t scopes = 0;
  std::uint64_t chunks = 0;
  friend bool operator==(const memory_purged&, const memory_purged&) = default;
};

/// The one event that stays behind a purge; it names whose memory went in no other way than the
/// persona.
[[nodiscard]] memory_audit purge_event(const memory_purge& what, const memory_purged& done);

}  // namespace persona_runtime
