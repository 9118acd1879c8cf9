#pragma once
// The truth of all runs: what was appended, in the order in which it was. The store holds bytes
// and the few columns by which they are found; what the bytes mean is domain/event's.

#include "domain/event/journal_rows.hpp"
#include "domain/failure.hpp"
#include "providers/store/chunk_store.hpp"
#include "providers/store/conversation_store.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime {

/// Reading. One thread at a time per reader; all block, usually for microseconds.
/// All fail with journal_unavailable (I/O error, corrupt file) only.
class journal_reader : public conversation_reader {
public:
  /// All appends of a run or turn in pos order; none when it is unknown.
  [[nodiscard]] virtual result<std::vector<journal_append>> read_run(const run_id& run) = 0;

  /// The appends that hold public records with seq >= from, in order: whole appends, so the first
  /// may begin before `from`; as many as it takes for `events_max` events, at least one.
  [[nodiscard]] virtual result<std::vector<journal_append>>
  read_events(const run_id& run, event_seq from, std::uint32_t events_max) = 0;

  [[nodiscard]] virtual result<std::optional<run_row>> find_run(const run_id& run) = 0;
  [[nodiscard]] virtual result<std::optional<run_row>> find_run_by_key(const owner_id& owner,
                                                                       const std::string& key) = 0;
  /// Newest (highest acceptance number) first.
  [[nodiscard]] virtual result<std::vector<run_row>> list_runs(const run_filter& filter) = 0;
  /// Runs without a terminal status, oldest first, from acceptance number `from` on.
  [[nodiscard]] virtual result<std::vector<run_row>> unfinished_runs(std::uint64_t from,
                                                                     std::uint32_t limit) = 0;
  [[nodiscard]] virtual result<std::optional<shared_text>>
  read_content(const std::string& hash) = 0;

  [[nodiscard]] virtual result<std::optional<persona_row>> find_persona(const persona_id& id) = 0;
  /// Newest created first; `owner` none: all.
  [[nodiscard]] virtual result<std::vector<persona_row>>
  list_personas(const std::optional<owner_id>& owner, std::uint32_t limit,
                std::uint64_t offset) = 0;

  /// Sums of what was used, the latest day first, then by owner, persona and model.
  [[nodiscard]] virtual result<std::vector<usage_entry>> read_usage(const usage_filter& filter) = 0;
  /// What the turns of a conversation have cost; nothing for one that is not there.
  [[nodiscard]] virtual result<spent_cents> read_spent(const conversation_id& id) = 0;
};

/// The one writer; also reads, and then sees everything that it has committed.
class journal_store : public journal_reader, public conversation_writer, public chunk_writer {
public:
  /// Makes all appends durable in one commit and says of each what became of it, in order; or
  /// none. Blocks for the commit, about 0.2-20 ms. Fails with journal_unavailable (disk full, I/O
  /// error): nothing was written and the same batch may be tried again. A failed fsync does not
  /// return: the process ends, since what the page cache holds can no longer be trusted.
  [[nodiscard]] virtual result<std::vector<append_verdict>>
  append(std::span<const journal_append> batch) = 0;

  /// Inserts or replaces, and carries out `memory` in the same commit. Fails as append.
  [[nodiscard]] virtual result<void> put_persona(const persona_row& row,
                                                 std::span<const memory_request> memory) = 0;
  [[nodiscard]] result<void> put_persona(const persona_row& row) { return put_persona(row, {}); }
  /// With its conversations. Fails with persona_not_found; persona_in_use while a run of it is not
  /// terminal or a turn is under way; as append.
  [[nodiscard]] virtual result<void> delete_persona(const persona_id& id) = 0;
  /// A terminal run with its journal. Fails with run_not_found, run_active; as append.
  [[nodiscard]] virtual result<void> delete_run(const run_id& run) = 0;

  /// Adds to the totals of usage what belongs to no append. Fails as append.
  [[nodiscard]] virtual result<void> add_usage(std::span<const usage_entry> usage) = 0;

  /// A reader for another thread. It sees what is committed when it is asked.
  /// The store must outlive it.
  [[nodiscard]] virtual std::unique_ptr<journal_reader> open_reader() = 0;
  /// The same, of memory.
  [[nodiscard]] virtual std::unique_ptr<chunk_reader> open_chunk_reader() = 0;
};

}  // namespace persona_runtime
