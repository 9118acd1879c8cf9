#pragma once
// What the reader of the store is asked. All may fail with journal_unavailable and then be tried
// again.

#include "domain/memory/listing.hpp"
#include "messages/supervisor_messages.hpp"

namespace persona_runtime {

/// Asks for everything that a run actor needs to go on.
struct load_run {
  run_id run;
};
struct loaded_run {
  setup_ptr setup;
  std::vector<journal_append> journal;  // all of it, in order; empty: unknown run
};

/// Asks for a page of public events with seq >= from. Answer: whole appends; none: there is
/// nothing further now.
struct read_events {
  run_id run;
  event_seq from;
  std::uint32_t events_max = 0;
};
struct events_read {
  std::vector<shared_text> bodies;
};

/// Asks for a run's row. Failure: run_not_found (unknown, or not his).
struct find_run {
  run_id run;
  asker who;
};
/// Failure: run_not_found.
struct find_run_by_key {
  owner_id owner;
  std::string key;
};
/// Asks for RunStatus with steps. Failure: run_not_found.
struct show_run {
  run_id run;
  asker who;
};
struct json_text {
  shared_text text;
};
struct list_runs {
  run_filter filter;
};
/// Unfinished runs of earlier processes, oldest first, a page at a time.
struct list_unfinished {
  std::uint64_t from = 0;  // acceptance number
  std::uint32_t limit = 0;
};
struct run_rows {
  std::vector<run_row> rows;
};

/// Asks for all that start_run needs. Runs on the reader's thread: it parses the persona (or finds
/// it parsed) and counts long texts. Failure: persona_not_found, validation_error.
struct prepare_run {
  asker who;
  run_spec spec;  // owner, persona, task, limits, …; sizes and hash are filled in
};
struct prepared_run {
  spec_ptr spec;
  setup_ptr setup;
  shared_text setup_text;
};
/// Asks for the size of a text as a user message, however long it is.
struct measure_text {
  std::string text;
};
struct text_measured {
  message_size size;
};

/// Checks a persona document and makes its row. Failure: validation_error, whose detail is a JSON
/// list of problems.
struct check_persona {
  asker who;
  std::string yaml;
  std::string avatar_url;  // empty: none
  persona_id id;           // empty: a fresh one
};
struct persona_checked {
  persona_row row;
  memory_batch memory{};  // of the same document, for put_persona
};

enum class consent_change : std::uint8_t { none, granted, refused, withdrawn };
/// What becomes something else in a stored persona. What is empty stays.
struct persona_change {
  std::string yaml;  // the whole document
  std::string avatar_url;
  std::string tool;  // one more that it may use
  consent_change consent = consent_change::none;
  std::string skill;  // that a person consents to, or not
  std::string skill_hash;
  consent_change skill_consent = consent_change::none;
};
/// Asks what a persona would be with a change. Nothing is stored: the row goes to the journal with
/// replace_persona. Failure: persona_not_found, validation_error (as check_persona; also a
/// tool that is not there).
struct change_persona {
  persona_id id;
  asker who;
  persona_change change;
};
/// The same for a persona that is kept in a file; one that is not stored yet is made.
/// Failure: validation_error.
struct keep_persona {
  persona_id id;
  owner_id owner;
  std::string yaml;
};
struct persona_changed {
  persona_row row;
  instant before;           // `updated_at` of the row that it was made from; 0: there is none
  bool is_changed = false;  // false: it is as it should be, nothing is to be stored
  memory_batch memory{};    // of a document that has changed, for replace_persona
};

/// A JSON list of its skills. Failure: persona_not_found.
struct show_persona_skills {
  persona_id id;
  asker who;
};
/// PersonaDetail. Failure: persona_not_found.
struct show_persona {
  persona_id id;
  asker who;
};
struct find_persona {
  persona_id id;
  asker who;
};
struct list_personas {
  asker who;
  std::uint32_t limit = 50;
  std::uint64_t offset = 0;
};

/// Asks for a persona as it is stored. Failure: persona_not_found.
struct fetch_persona {
  persona_id id;
  asker who;
};
struct fetched_persona {
  persona_row row;
};

/// Asks for a conversation and the persona that it is with. Failure: conversation_not_found.
struct find_conversation {
  conversation_id id;
  asker who;
};
struct found_conversation {
  conversation_row row;
  persona_row persona;
};
/// Asks for what was said last, so that it can be answered anew. Failure: conversation_not_found;
/// turn_not_active: nothing was said yet; turn_already_active; validation_error: it had images,
/// which are kept nowhere.
struct find_last_said {
  conversation_id id;
  asker who;
};
struct last_said {
  std::string text;
  std::string user;     // whose talks these are; empty: the owner's own
  std::string channel;  // text of a JSON object, or empty
  std::uint64_t position = 0;
  persona_row persona;
};
template <>
inline constexpr std::size_t declared_fields<last_said> = 5;
/// Asks for everything that a conversation's actor needs. Failure: conversation_not_found.
struct load_conversation {
  conversation_id id;
};
struct loaded_conversation {
  conversation_row row;
  std::vector<message_row> tail;           // that are not folded, oldest first; at most 400
  std::vector<message_row> questions;      // clarifying ones among those that are
  std::vector<journal_append> unfinished;  // of a turn that has not ended
  spent_cents spent;                       // by its turns
};
/// Asks for ConversationDetail; for its ConversationSummary alone; for a JSON list of
/// ConversationSummary; for
/// {"items": messages oldest first, "next_before"}; for the turn under way (turn_not_active); for a
/// JSON list of turn-log records. Failure: conversation_not_found.
struct show_conversation {
  conversation_id id;
  asker who;
};
struct summarise_conversation {
  conversation_id id;
  asker who;
};
struct list_conversations {
  asker who;
  std::optional<persona_id> persona{};
  std::uint32_t limit = 50;
  std::uint64_t offset = 0;
};
template <>
inline constexpr std::size_t declared_fields<list_conversations> = 4;
struct list_messages {
  conversation_id id;
  asker who;
  std::optional<std::uint64_t> before{};  // position
  std::uint32_t limit = 50;
  std::string contains;
};
template <>
inline constexpr std::size_t declared_fields<list_messages> = 5;
struct show_turn {
  conversation_id id;
  asker who;
};
/// Asks which turn is under way. Failure: turn_not_active.
struct find_turn {
  conversation_id id;
  asker who;
};
struct found_turn {
  run_id turn;
};
struct list_turns {
  conversation_id id;
  asker who;
  std::optional<std::uint64_t> before{};  // turn index
  std::uint32_t limit = 50;
};
template <>
inline constexpr std::size_t declared_fields<list_turns> = 4;
/// Turns that have not ended, in the order of their beginning, from behind `after` on.
struct list_unfinished_turns {
  std::uint64_t after = 0;
  std::uint32_t limit = 0;
};
struct unfinished_turn_list {
  std::vector<std::uint64_t> numbers;
  std::vector<conversation_id> conversations;
};

/// Asks for {"items", "total", "next_offset"}: sums of what was used.
struct show_usage {
  usage_filter filter;
};
template <>
inline constexpr std::size_t declared_fields<usage_filter> = 10;

template <>
inline constexpr std::size_t declared_fields<memory_filter> = 4;
template <>
inline constexpr std::size_t declared_fields<audit_filter> = 4;
/// Asks for a page of what is remembered, as far as `who` may see it: of other owners only an
/// admin. Answer: json_text, {"items", "next_cursor"}; it may hold nothing and yet go on. Failure,
/// of the next three too: persona_not_found.
struct list_memory {
  asker who;
  memory_filter filter;
  std::string name;        // all versions of this chain; empty: all chains
  bool with_past = false;  // past and retired versions too
  memory_position from;
  std::uint32_t limit = 50;
};
/// Asks where a chain lies. Answer: memory_found.
struct find_memory {
  asker who;
  memory_filter filter;
  std::string name;
  memory_position from;
};
struct memory_found {
  std::vector<memory_place> places;  // the first one that holds it; none: not found so far
  bool goes_on = false;              // not everything was looked at; ask again from `next`
  memory_position next;
};
/// Asks for {"items", "next_offset"}: audit events, oldest first. Offsets count events that `who`
/// may not see, too.
struct list_audit {
  asker who;
  persona_id persona;
  audit_filter filter;
  std::uint32_t limit = 50;
  std::uint64_t offset = 0;
};
/// May he change what is remembered? Answer: done.
struct admit_memory {
  asker who;
  persona_id persona;
};

/// Is the store answering?
struct check_store {};

using archive_actor = interface<
  answers<loaded_run, load_run>, answers<events_read, read_events>, answers<run_rows, find_run>,
  answers<run_rows, find_run_by_key>, answers<json_text, show_run>, answers<json_text, list_runs>,
  answers<run_rows, list_unfinished>, answers<prepared_run, prepare_run>,
  answers<text_measured, measure_text>, answers<persona_checked, check_persona>,
  answers<persona_changed, change_persona>, answers<persona_changed, keep_persona>,
  answers<json_text, show_persona>, answers<json_text, show_persona_skills>,
  answers<done, find_persona>, answers<fetched_persona, fetch_persona>,
  answers<json_text, list_personas>, answers<found_conversation, find_conversation>,
  answers<loaded_conversation, load_conversation>, answers<last_said, find_last_said>,
  answers<json_text, show_conversation>, answers<json_text, summarise_conversation>,
  answers<json_text, list_conversations>, answers<json_text, list_messages>,
  answers<json_text, show_turn>, answers<found_turn, find_turn>, answers<json_text, list_turns>,
  answers<unfinished_turn_list, list_unfinished_turns>, answers<json_text, show_usage>,
  answers<json_text, list_memory>, answers<memory_found, find_memory>,
  answers<json_text, list_audit>, answers<done, admit_memory>, answers<done, check_store>>;

}  // namespace persona_runtime
