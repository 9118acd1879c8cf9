#pragma once
// What an open conversation keeps of itself: the messages that the next prompt may need, and no
// more. The whole history lies in the store.

#include "domain/conversation/history.hpp"
#include "domain/event/conversation_rows.hpp"

#include <string>
#include <vector>

namespace persona_runtime {

/// A message of the tail, with where it stands and what it is called in the store.
struct kept_message {
  conversation_message what;
  std::uint64_t position = 0;
  message_id id;
};

/// Messages with text count; an answer without text is shown, never sent, and neither is the
/// message that it answers. Invariant: positions rise, and all are at or above `folded`.
struct kept_talk {
  conversation_id id;
  persona_id persona;
  owner_id owner;
  std::string title;
  std::string summary;                            // of the folded messages
  std::uint64_t folded = 0;                       // positions below it are folded
  std::uint64_t messages = 0;                     // of the whole conversation
  std::vector<conversation_message> questions{};  // clarifying ones among the folded messages
  std::vector<kept_message> tail{};
};

/// From the store: the rows that are not folded, oldest first, and the folded questions.
[[nodiscard]] kept_talk talk_from(const conversation_row& row, const std::vector<message_row>& tail,
                                  const std::vector<message_row>& questions);

/// Notes a turn that has ended: `answer` as it stands in the store now.
void keep_turn(kept_talk& talk, const message_row& question, const message_row& answer);

/// Without the messages from that position on, which give way to others.
[[nodiscard]] kept_talk without_last(kept_talk talk, std::uint64_t from);

/// The conversation as a turn needs it: the folded questions and the tail, of which only the tail
/// is shown in prompts.
[[nodiscard]] conversation for_turn(const kept_talk& talk);

/// Ids of the episodes that tell what the tail tells anyway, from that position on.
[[nodiscard]] std::vector<std::string> shown_episodes(const kept_talk& talk,
                                                      std::uint64_t from = 0);

/// What is to be folded: all but the last messages of the tail; and its text.
struct due_folding {
  message_range range;  // of the tail
  std::string text;
};
[[nodiscard]] std::optional<due_folding> due_fold(const kept_talk& talk,
                                                  const history_rules& rules);

/// Position behind the messages of that range.
[[nodiscard]] std::uint64_t folded_after(const kept_talk& talk, const message_range& range);

/// The messages of `range` give way to `summary`, which stands for all that is folded then.
void fold(kept_talk& talk, const message_range& range, std::string summary);

/// The ULID in an id such as "msg_01J…": what stands behind the underscore.
[[nodiscard]] std::string ulid_of(const std::string& id);

}  // namespace persona_runtime
