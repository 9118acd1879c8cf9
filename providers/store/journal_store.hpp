#pragma once
// The truth of all runs: what was appended, in the order in which it was. The store holds bytes
// and the few columns by which they are found; what the bytes mean is domain/event's.

#include "domain/failure.hpp"
#include "domain/ids.hpp"
#include "domain/run/status.hpp"
#include "domain/text/shared_text.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime {

/// A text kept once, however many runs use it: persona, tool definitions, limits.
struct stored_content {
  std::string hash;  // SHA-256 of `text`, 64 lower-case hex digits
  shared_text text;
  friend bool operator==(const stored_content&, const stored_content&) = default;
};

/// The run's own row: what lists and look-ups need without reading its journal.
struct run_row {
  run_id run;
  owner_id owner;
  persona_id persona;
  run_status status = run_status::running;
  std::uint64_t accepted = 0;   // acceptance number, rising; set by the store with the first append
  std::string idempotency_key;  // empty: none; unique per owner
  std::string request_hash;     // of the body that came with the key
  instant started_at;
  std::optional<instant> finished_at;
  shared_text summary;  // JSON object: the run's status without steps
  friend bool operator==(const run_row&, const run_row&) = default;
};

/// Everything that a run writes at one moment; becomes one row of the journal. Also what reading
/// gives back, then without `row` and `contents`.
struct journal_append {
  run_id run;
  incarnation life;           // who writes; the store refuses one older than the newest it has seen
  std::uint64_t pos = 0;      // of the first record; dense from 0 per run, public and private
  std::uint32_t records = 0;  // at least 1
  event_seq seq;              // of the first public record in it, or of the next one
  std::uint32_t events = 0;   // public records in it
  shared_text body;           // one JSON object per record, each followed by a line feed
  std::optional<run_row> row{};            // first append and whenever the status changes
  std::vector<stored_content> contents{};  // with the first append only
  friend bool operator==(const journal_append&, const journal_append&) = default;
};

struct persona_row {
  persona_id id;
  owner_id owner;
  std::string yaml;     // the document as it was given, with what the runtime enforces
  shared_text summary;  // JSON object, opaque here
  instant created_at;
  instant updated_at;
  friend bool operator==(const persona_row&, const persona_row&) = default;
};

/// What became of one append.
enum class append_verdict : std::uint8_t {
  committed,
  fenced,        // a newer incarnation has written; nothing of this append was
  key_in_use,    // the owner used the idempotency key before; nothing of this append was
  out_of_order,  // pos is not the run's next one, or the run was deleted; nothing was written
};

struct run_filter {
  std::optional<owner_id> owner{};  // none: all owners
  std::optional<persona_id> persona{};
  std::optional<run_status> status{};
  std::optional<std::uint64_t> before{};  // acceptance numbers below this one only
  std::uint32_t limit = 50;               // 1..200
};

/// Reading. One thread at a time per reader; all block, usually for microseconds.
/// All fail with journal_unavailable (I/O error, corrupt file) only.
class journal_reader {
public:
  virtual ~journal_reader() = default;

  /// All appends of a run in pos order; none when the run is unknown.
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
};

/// The one writer; also reads, and then sees everything that it has committed.
class journal_store : public journal_reader {
public:
  /// Makes all appends durable in one commit and says of each what became of it, in order; or
  /// none. Blocks for the commit, about 0.2-20 ms. Fails with journal_unavailable (disk full, I/O
  /// error): nothing was written and the same batch may be tried again. A failed fsync does not
  /// return: the process ends, since what the page cache holds can no longer be trusted.
  [[nodiscard]] virtual result<std::vector<append_verdict>>
  append(std::span<const journal_append> batch) = 0;

  /// Inserts or replaces. Fails as append.
  [[nodiscard]] virtual result<void> put_persona(const persona_row& row) = 0;
  /// Fails with persona_not_found; persona_in_use while a run of it is not terminal; as append.
  [[nodiscard]] virtual result<void> delete_persona(const persona_id& id) = 0;
  /// A terminal run with its journal. Fails with run_not_found, run_active; as append.
  [[nodiscard]] virtual result<void> delete_run(const run_id& run) = 0;

  /// A reader for another thread. It sees what is committed when it is asked.
  /// The store must outlive it.
  [[nodiscard]] virtual std::unique_ptr<journal_reader> open_reader() = 0;
};

}  // namespace persona_runtime
