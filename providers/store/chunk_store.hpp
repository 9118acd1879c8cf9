#pragma once
// Memory in the store: rows, words and vectors. Which changes are allowed and what they write is
// domain/memory's; the store carries it out in its own transactions.

#include "domain/failure.hpp"
#include "domain/memory/audit.hpp"
#include "domain/memory/outcome.hpp"
#include "domain/memory/write.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime {

/// A head as an index needs it.
struct indexed_chunk {
  std::int64_t row = 0;
  instant created_at{};
  float importance = 0.5F;
  std::string text;
  embedding vector{};  // empty: none yet of the embedder that was asked for
  friend bool operator==(const indexed_chunk&, const indexed_chunk&) = default;
};

/// A word to look for and what finding it is worth (term_weight).
struct weighted_term {
  std::string term;
  double weight = 0;
};

/// How many rows of a word search are scored: a bound of its time.
inline constexpr auto scored_rows_max = std::uint32_t{1'000};

struct word_search {
  std::span<const weighted_term> terms;  // as memory_terms makes them; the first six count
  double average_length = 0;             // of the place's heads, in terms
  /// How many terms a head has. The caller's, who knows it from its index: the store would read it
  /// row by row, which is half the time of a search. Called on the caller's thread; never throws.
  std::function<double(std::int64_t row)> length_of{};
  std::uint32_t limit = 0;
};

/// A chunk without a vector of the embedder in use.
struct waiting_chunk {
  std::int64_t row = 0;
  memory_place place;
  std::string text;
  friend bool operator==(const waiting_chunk&, const waiting_chunk&) = default;
};

/// Which versions to list, oldest chain first, versions in order.
struct chunk_filter {
  memory_place place;
  bool with_past = false;    // superseded and retired versions too
  std::uint32_t limit = 50;  // 1..1'000
  std::uint64_t offset = 0;
};

/// One thread at a time per reader; all block, usually for microseconds; all fail with
/// journal_unavailable only. Rows that are not there are passed over.
class chunk_reader {
public:
  virtual ~chunk_reader() = default;

  /// Heads with row > after, by row, at most `limit`, each with its vector of `embedder`.
  [[nodiscard]] virtual result<std::vector<indexed_chunk>> read_heads(const memory_place& place,
                                                                      const std::string& embedder,
                                                                      std::int64_t after,
                                                                      std::uint32_t limit) = 0;
  /// Those of `rows` that are heads of the place, by row.
  [[nodiscard]] virtual result<std::vector<indexed_chunk>>
  read_heads_of(const memory_place& place, const std::string& embedder,
                std::span<const std::int64_t> rows) = 0;

  /// The chunks of these rows, in this order.
  [[nodiscard]] virtual result<std::vector<memory_chunk>>
  read_chunks(std::span<const std::int64_t> rows) = 0;
  /// Heads, newest created first.
  [[nodiscard]] virtual result<std::vector<memory_chunk>> recent(const memory_place& place,
                                                                 std::uint32_t limit) = 0;
  [[nodiscard]] virtual result<std::vector<memory_chunk>>
  list_chunks(const chunk_filter& filter) = 0;
  /// All versions of a chain in order; empty: unknown.
  [[nodiscard]] virtual result<std::vector<memory_chunk>>
  history(const memory_place& place, const std::string& logical_id) = 0;

  /// Rows of heads that hold one of the terms, best first by BM25 (term_score), of equals the newer
  /// row. Only the newest scored_rows_max of them count.
  [[nodiscard]] virtual result<std::vector<std::int64_t>> search_words(const memory_place& place,
                                                                       const word_search& what) = 0;

  /// Oldest first. `scope` none: every scope of the persona.
  [[nodiscard]] virtual result<std::vector<memory_audit>>
  read_audit(const persona_id& persona, const std::optional<memory_scope>& scope,
             const audit_filter& filter, std::uint32_t limit, std::uint64_t offset) = 0;
  /// Scopes of a persona that hold or held something, in order.
  [[nodiscard]] virtual result<std::vector<memory_scope>>
  list_scopes(const persona_id& persona) = 0;
  /// Scopes of all personas with heads that are no identity; in no order.
  [[nodiscard]] virtual result<std::vector<memory_scope>> list_filled_scopes() = 0;

  /// The front of the durable queue of chunks that wait for a vector.
  [[nodiscard]] virtual result<std::vector<waiting_chunk>> read_waiting(std::uint32_t limit) = 0;
};

/// The writer's half; its thread only. Fails with journal_unavailable: nothing was written.
class chunk_writer {
public:
  virtual ~chunk_writer() = default;

  /// All requests in one commit, in order; a refused one leaves the others. What rides in
  /// journal_append::memory is carried out the same way.
  [[nodiscard]] virtual result<std::vector<memory_outcome>>
  write_memory(std::span<const memory_request> batch) = 0;

  /// Keeps vectors and takes their chunks from the queue. Rows that are no heads any more are
  /// passed over.
  [[nodiscard]] virtual result<void> put_vectors(const std::string& embedder,
                                                 std::span<const chunk_vector> vectors) = 0;
  /// Queues every head whose vector is not one of `embedder`; says how many wait now.
  [[nodiscard]] virtual result<std::uint64_t> queue_all_but(const std::string& embedder) = 0;

  /// Removes chunks, their history, words, vectors and audit events; afterwards none of their
  /// bytes is in the database or its log. Blocks: about a second per 100,000 chunks in all of
  /// memory. May be repeated; when a reader kept the log from being emptied it fails, and what
  /// was removed stays removed.
  [[nodiscard]] virtual result<memory_purged> purge_memory(const memory_purge& what) = 0;

  /// What was changed since this was last asked, by whatever way, in order.
  [[nodiscard]] virtual std::vector<memory_outcome> take_memory_changes() = 0;
};

}  // namespace persona_runtime
