#pragma once
// What the store keeps of conversations, as values. A turn's own records are a journal_append like
// a run's, whose `run` is the id of the assistant's message; what belongs to the conversation
// changes in the same transaction.

#include "domain/ids.hpp"
#include "domain/run/message.hpp"
#include "domain/text/shared_text.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Where a message stands. Only an assistant's is ever running; a user's is complete or replaced.
enum class message_status : std::uint8_t {
  running,
  complete,
  cancelled,
  error,
  interrupted,
  replaced,  // another turn answers in its place: shown, and part of no prompt any more
};

/// "running", "complete", …: `streaming_status` of the HTTP API.
[[nodiscard]] std::string_view name_of(message_status s);

enum class conversation_origin : std::uint8_t { chat, call };

/// "chat", "call".
[[nodiscard]] std::string_view name_of(conversation_origin o);

/// A conversation's own row. The store keeps `messages` and the preview in step with what turns
/// write.
struct conversation_row {
  conversation_id id;
  owner_id owner;
  persona_id persona;
  std::string title;  // may be empty
  conversation_origin origin = conversation_origin::chat;
  instant created_at;
  instant updated_at;          // of the last turn, or of its end
  std::uint64_t messages = 0;  // how many there are
  std::uint64_t folded = 0;    // how many of them the summary stands for
  std::string summary;         // of those; may be empty
  std::string preview;         // the beginning of the last message's text, at most 120 characters
  std::optional<role> preview_role{};  // none: no message yet
  friend bool operator==(const conversation_row&, const conversation_row&) = default;
};

/// One message. Its position is dense from 0 in its conversation.
struct message_row {
  message_id id;
  std::uint64_t position = 0;
  role from = role::user;
  message_status status = message_status::complete;
  instant created_at;
  bool question = false;  // a clarifying question instead of an answer
  std::string tier;       // assistant only; empty until it ends
  std::string channel;    // user only: text of a JSON object, or empty
  std::string images;  // user only: text of a JSON list of {workspace_path, media_type}, or empty
  shared_text content;
  friend bool operator==(const message_row&, const message_row&) = default;
};

/// How the running message of a turn ends (transaction 2).
struct message_end {
  message_status status = message_status::complete;
  shared_text content;
  std::string tier;
  bool question = false;
  instant at;
  friend bool operator==(const message_end&, const message_end&) = default;
};

/// What a turn's append changes beside its records: a message pair with the first one, the end with
/// the last, nothing in between.
struct turn_rows {
  conversation_id conversation;
  std::vector<message_row> added{};  // the user's message and the running one, or nothing
  std::optional<message_end> ended{};
  std::string log{};            // the turn log's record, one JSON object; empty: none
  std::uint64_t log_index = 0;  // messages of the conversation before this turn
  /// With the first append: messages from this position on give way to the added ones.
  std::optional<std::uint64_t> replaced{};
  friend bool operator==(const turn_rows&, const turn_rows&) = default;
};

/// A conversation that begins as another one did.
struct conversation_fork {
  conversation_id from;
  message_id at;         // a user's: up to before it; an assistant's: up to and with it
  conversation_row row;  // of the new one; what it holds and summarises is the store's to fill in
  std::vector<message_id> ids;  // fresh, at least as many as `from` has messages
  friend bool operator==(const conversation_fork&, const conversation_fork&) = default;
};

/// The first 120 characters of a text without blanks at its ends, the last one "…" when it was
/// longer.
[[nodiscard]] std::string preview_of(std::string_view text);

}  // namespace persona_runtime
