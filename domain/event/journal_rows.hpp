#pragma once
// What the store keeps of runs and personas, as values: bytes, and the few columns by which they
// are found.

#include "domain/budget/usage.hpp"
#include "domain/event/conversation_rows.hpp"
#include "domain/ids.hpp"
#include "domain/memory/write.hpp"
#include "domain/run/status.hpp"
#include "domain/text/shared_text.hpp"

#include <optional>
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
/// gives back, then without `row`, `contents`, `turn`, `memory` and `usage`. An append of a chat
/// turn has `turn`, and `run` is the id of the assistant's message.
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
  std::optional<turn_rows> turn{};         // of turns, with every append
  /// Changes of memory in the same transaction; a refused one leaves the rest of the append.
  memory_batch memory{};
  std::vector<usage_entry> usage{};  // what it adds to the totals, in the same transaction
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

using persona_row_ptr = std::shared_ptr<const persona_row>;

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

}  // namespace persona_runtime
