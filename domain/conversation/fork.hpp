#pragma once
// What a conversation begins with that forks off another one.

#include "domain/event/conversation_rows.hpp"
#include "domain/failure.hpp"

namespace persona_runtime {

struct forked_conversation {
  conversation_row row;               // what.row, with its counts, summary and preview
  std::vector<message_row> messages;  // with their new ids and positions
};

/// `messages` are all of `from`, oldest first. Those that were replaced stay behind; the summary
/// comes along when everything that it stands for does. Fails with validation_error: what.at is
/// none of them or not complete, or the ids do not suffice.
[[nodiscard]] result<forked_conversation> fork_off(const conversation_fork& what,
                                                   const conversation_row& from,
                                                   std::vector<message_row> messages);

}  // namespace persona_runtime
