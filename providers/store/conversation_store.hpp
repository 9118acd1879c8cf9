#pragma once
// Conversations in the store: rows that lists and prompts are made of. What a turn writes comes
// with its appends (journal_store::append); everything else that changes stands here.

#include "domain/event/conversation_rows.hpp"
#include "domain/event/journal_rows.hpp"
#include "domain/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

struct conversation_filter {
  std::optional<owner_id> owner{};  // none: all owners
  std::optional<persona_id> persona{};
  std::uint32_t limit = 50;  // 1..200
  std::uint64_t offset = 0;
};

/// Messages of one conversation, by position.
struct message_filter {
  conversation_id conversation;
  std::uint64_t from = 0;                 // position; the first one
  std::optional<std::uint64_t> before{};  // positions below this one only
  bool newest_first = false;
  bool questions_only = false;  // clarifying questions
  std::string contains{};  // only messages whose text holds this; the case of ASCII letters is the
                           // same; empty: all
  std::uint32_t limit = 50;  // 1..1'000
};

/// A turn that has begun and not ended.
struct unfinished_turn {
  std::uint64_t number = 0;  // rising with the order of beginning
  conversation_id conversation;
  run_id turn;
  friend bool operator==(const unfinished_turn&, const unfinished_turn&) = default;
};

struct turn_log_filter {
  conversation_id conversation;
  std::optional<std::uint64_t> before{};  // turn indexes below this one only
  std::uint32_t limit = 50;               // 1..200
};

struct turn_log_row {
  std::uint64_t index = 0;  // messages of the conversation before the turn
  message_id message;
  std::string log;  // one JSON object
  friend bool operator==(const turn_log_row&, const turn_log_row&) = default;
};

/// Like journal_reader: one thread at a time, all block, all fail with journal_unavailable only.
class conversation_reader {
public:
  virtual ~conversation_reader() = default;

  [[nodiscard]] virtual result<std::optional<conversation_row>>
  find_conversation(const conversation_id& id) = 0;
  /// Those that were chatted, the last active one first.
  [[nodiscard]] virtual result<std::vector<conversation_row>>
  list_conversations(const conversation_filter& filter) = 0;
  [[nodiscard]] virtual result<std::vector<message_row>>
  list_messages(const message_filter& filter) = 0;
  /// The assistant's message of the turn under way.
  [[nodiscard]] virtual result<std::optional<message_row>>
  running_message(const conversation_id& conversation) = 0;
  /// Turns under way with a number above `after`, in order.
  [[nodiscard]] virtual result<std::vector<unfinished_turn>>
  unfinished_turns(std::uint64_t after, std::uint32_t limit) = 0;
  /// Newest first.
  [[nodiscard]] virtual result<std::vector<turn_log_row>>
  list_turn_logs(const turn_log_filter& filter) = 0;
};

/// What changes a conversation beside its turns. None: stays as it is.
struct conversation_change {
  std::optional<std::string> title{};
  std::optional<std::pair<std::uint64_t, std::string>> fold{};  // folded, summary
};

class conversation_writer {
public:
  virtual ~conversation_writer() = default;

  /// @errors validation_error: the id is in use; as append
  [[nodiscard]] virtual result<void> create_conversation(const conversation_row& row) = 0;
  /// The new conversation has the messages up to what.at with new ids, and their summary as far as
  /// it reaches; messages that were replaced stay behind, and so do the records of turns.
  /// @errors validation_error: the id is in use, or `at` is none of the messages, or is not
  /// complete; conversation_not_found; as append
  [[nodiscard]] virtual result<void> fork_conversation(const conversation_fork& what) = 0;
  /// `updated_at` stays: nobody spoke. @errors conversation_not_found; as append
  [[nodiscard]] virtual result<void> change_conversation(const conversation_id& id,
                                                         const conversation_change& change) = 0;
  /// With its messages, their turns and logs. A turn under way is cut off: its appends are refused
  /// from here on. @errors conversation_not_found; as append
  [[nodiscard]] virtual result<void> delete_conversation(const conversation_id& id) = 0;
};

}  // namespace persona_runtime
