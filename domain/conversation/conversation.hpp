#pragma once
// A conversation as its owner keeps it: the messages that count as history, and what stands for
// the first of them.

#include "domain/conversation/conversation_message.hpp"

namespace persona_runtime {

/// Changed by its conversation's actor only: messages are added, and the two compaction fields
/// move on together (history.hpp).
struct conversation {
  conversation_id id;
  persona_id persona;
  std::vector<conversation_message> messages{};  // oldest first; never shortened
  std::string compacted_summary{};               // of the first `compacted_up_to` messages
  std::uint32_t compacted_up_to = 0;
  friend bool operator==(const conversation&, const conversation&) = default;
};

/// {"conversation_id","persona_id","messages","compacted_summary","compacted_up_to"}
void append_conversation(std::string& out, const conversation& c);

/// Reads what append_conversation wrote. As strict as message_of; a negative `compacted_up_to` is
/// refused.
[[nodiscard]] result<conversation> conversation_of(std::string_view json);

}  // namespace persona_runtime
