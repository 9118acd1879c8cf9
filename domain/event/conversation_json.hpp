#pragma once
// Conversations and messages as HTTP shows them (persona-tools §20.8, contract §6 "Chat").

#include "domain/event/conversation_rows.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// ConversationSummary. `more` is put behind its fields: JSON fields with a comma in front, or
/// nothing.
void append_conversation_summary(std::string& out, const conversation_row& row,
                                 std::string_view more = {});

/// A message: id, role, content, created_at, channel, tier_used, streaming_status, events, and
/// images where there are some. `events` is the JSON list of its log, or empty: null.
void append_message_view(std::string& out, const message_row& row, std::string_view events);

}  // namespace persona_runtime
