#pragma once
// A chat completion as OpenAI's clients ask for one: a turn of a persona whose history comes with
// the request, and who is told what becomes of it.

#include "domain/conversation/conversation_message.hpp"
#include "domain/event/conversation_rows.hpp"
#include "domain/failure.hpp"
#include "domain/run/reply_wishes.hpp"
#include "domain/tool/definition.hpp"

#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

/// Checked: roles and calls are in an order that models take, and one message is a user's.
struct completion_request {
  persona_id persona;
  conversation_id conversation;        // empty: nothing is kept of it
  std::string user;                    // whose talks these are; empty: the owner's own
  message_list messages;               // oldest first, not counted; `system` is the client's own
  std::vector<tool_definition> tools;  // that the client carries out
  reply_wishes wishes;
};

/// What became of it.
struct completion_end {
  message_status status = message_status::error;
  std::string text;              // of the answer; with an error, what there was of it
  std::vector<tool_call> calls;  // for the client to carry out
  finish_reason finish = finish_reason::stop;
  token_usage usage;       // of all model calls
  std::string error_kind;  // token; status error only
  std::string error;       // for a human
};

/// Whoever asked. Called on engine threads, quickly, one call at a time. When the engine stops, or
/// fails, a second end may cross the first: what follows an end or a refusal is to be passed over.
class completion_listener {
public:
  virtual ~completion_listener() = default;
  /// The next piece of the answer; whole characters.
  virtual void on_text(std::string piece) = 0;
  /// At least once, unless it is refused.
  virtual void on_end(completion_end what) = 0;
  /// It is not begun; instead of all else.
  virtual void on_refused(const failure& why) = 0;
};

}  // namespace persona_runtime
