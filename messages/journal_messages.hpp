#pragma once
// What the only writer of the store is asked.

#include "domain/event/journal_rows.hpp"
#include "domain/memory/outcome.hpp"
#include "messages/run_messages.hpp"

namespace persona_runtime {

template <>
inline constexpr std::size_t declared_fields<run_row> = 10;
template <>
inline constexpr std::size_t declared_fields<journal_append> = 12;
template <>
inline constexpr std::size_t declared_fields<turn_rows> = 6;
template <>
inline constexpr std::size_t declared_fields<run_filter> = 5;
template <>
inline constexpr std::size_t declared_fields<memory_author> = 5;
template <>
inline constexpr std::size_t declared_fields<conversation_row> = 12;
template <>
inline constexpr std::size_t declared_fields<memory_outcome> = 6;
template <>
inline constexpr std::size_t declared_fields<memory_purge> = 5;

/// Asks for records to be made durable, all or none.
///
/// From:    a run or the supervisor; consecutive records of one run.
/// Answer:  records_committed to the sender, after the commit, or append_refused.
struct append_records {
  journal_append what;
};

/// Asks for an append that must not be tried again: when the commit fails, nothing of it is
/// written, then or later. Answer: done, after the commit. Failure: journal_unavailable, or
/// internal_error when the store refuses the append.
struct try_append {
  journal_append what;
};

/// What was committed of one run. Bodies are shared with the append.
struct committed_body {
  run_id run;
  event_seq seq;
  std::uint32_t events = 0;
  shared_text body;
};
/// Tells what was committed. From: journal, after each commit, in its order; to the stream actors.
struct publish_events {
  std::vector<committed_body> bodies;
};

/// Asks for journal_changed on every change. From: supervisor and conversations, once each.
struct watch_journal {};
/// Asks for publish_events after every commit. From: each stream actor, once, before it reads.
struct follow_commits {};
/// Tells whether appends are being committed. From: journal, on every change; to those who asked.
struct journal_changed {
  bool available = true;
};

/// There is usage that belongs to no append (actors/usage_inbox.hpp). Nobody waits for it, so what
/// comes within 100 ms shares a commit; settle_appends does not wait so long. It stays where it is
/// while the journal cannot be written.
struct usage_waits {};

/// Asks for a persona to be stored with what its document says to remember, or to be removed.
/// Answered after the commit.
/// Failure: persona_not_found, persona_in_use, journal_unavailable.
struct put_persona {
  persona_row row;
  memory_batch memory{};
};
struct remove_persona {
  persona_id id;
};
/// Asks for a conversation to be made, changed or deleted. Answered after the commit.
/// Failure: validation_error (the id is in use), conversation_not_found, journal_unavailable.
struct add_conversation {
  conversation_row row;
};
/// Asks for a conversation that begins as another one did. Answered after the commit. Failure: as
/// of conversation_writer::fork_conversation.
struct fork_conversation {
  conversation_fork what;
};
struct alter_conversation {
  conversation_id id;
  std::optional<std::string> title{};
  std::uint64_t folded = 0;  // 0: the summary stays as it is
  std::string summary;
};
template <>
inline constexpr std::size_t declared_fields<alter_conversation> = 4;
struct erase_conversation {
  conversation_id id;
};
/// Asks for a stored persona to become `row`, or to be stored when there was none, unless it has
/// changed since the row was made. Answered after the commit. Failure: persona_not_found (deleted
/// since), journal_unavailable.
struct replace_persona {
  persona_row row;
  instant before;  // `updated_at` of the row that `row` was made from; 0: there was none
  memory_batch memory{};
};
struct persona_replaced {
  bool is_done = false;  // false: somebody was faster, nothing was stored; make the row again
};
/// Asks for a terminal run and its events to be deleted.
/// Failure: run_not_found, run_active, journal_unavailable.
struct remove_run {
  run_id run;
};
/// Asks to be told when everything that was handed in before is committed or refused. Whoever
/// reads a run to go on with it asks this first. Failure: journal_unavailable.
struct settle_appends {};

/// Asks for memory to be changed, behind the appends that came before. All in one commit; a
/// refused request leaves the others. Failure: journal_unavailable.
struct change_memory {
  memory_batch batch;
};
struct memory_written {
  std::vector<memory_outcome> outcomes;  // one per request, in order
};
/// Asks for vectors to be kept. Answer: done; vectors_kept goes to all who follow memory.
/// Failure: journal_unavailable.
struct keep_vectors {
  std::string embedder;
  std::vector<placed_vectors> vectors;
};
/// Asks for every chunk without a vector of `embedder` to wait for one. From: memory actor, once.
/// Failure: journal_unavailable.
struct queue_vectors {
  std::string embedder;
};
/// Asks for memory to be removed for good. Blocks other writers meanwhile. Answer: memory_purged.
/// Failure: journal_unavailable; may be asked again.
struct purge_memory {
  memory_purge what;
};
/// Asks to be told what became of memory. From: each memory actor, once, before it reads.
struct follow_memory {};
/// Tells what was changed, after the commit. From: journal; to all who follow memory.
struct memory_changed {
  std::vector<memory_outcome> changes;
};
struct vectors_kept {
  std::string embedder;
  std::vector<placed_vectors> vectors;
};

/// The journal's own ticks: commit what has gathered, or try again after a failure; the same of
/// usage.
struct flush {};
struct flush_usage {};

using journal_actor =
  interface<takes<append_records>, answers<done, put_persona>, answers<done, remove_persona>,
            answers<done, remove_run>, answers<done, try_append>, answers<done, add_conversation>,
            answers<done, fork_conversation>, answers<done, alter_conversation>,
            answers<done, erase_conversation>, answers<persona_replaced, replace_persona>,
            answers<done, settle_appends>, takes<usage_waits>,
            answers<memory_written, change_memory>, answers<done, keep_vectors>,
            answers<done, queue_vectors>, answers<memory_purged, purge_memory>,
            takes<follow_memory>, takes<watch_journal>, takes<follow_commits>, takes<flush>,
            takes<flush_usage>>;

}  // namespace persona_runtime
