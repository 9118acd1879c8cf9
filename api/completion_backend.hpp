#pragma once
// What the HTTP edge asks of the engine about chat completions. As backend.hpp: thread-safe,
// returns at once.

#include "api/backend.hpp"
#include "domain/conversation/completion.hpp"

namespace persona_runtime {

/// Held by whoever waits for a completion. Destroying it gives up one of which nothing is kept; a
/// turn of a conversation goes on.
class completion_handle {
public:
  virtual ~completion_handle() = default;
  /// The listener was told of its end: nothing is left to give up.
  virtual void has_ended() {}
};

struct begun_completion {
  std::string id;  // "chatcmpl-…", or the id of the answer in its conversation
  std::unique_ptr<completion_handle> handle;
};

class completion_backend {
public:
  virtual ~completion_backend() = default;

  /// Begins a completion; `listener` is called until its end, maybe before this returns. It is
  /// told of a refusal within 25 s: persona_not_found, conversation_not_found, validation_error
  /// (the conversation is another persona's), turn_already_active, model_unavailable, overloaded,
  /// rate_limit_exceeded, journal_unavailable.
  [[nodiscard]] virtual begun_completion
  complete(const caller& who, completion_request what,
           std::shared_ptr<completion_listener> listener) = 0;
};

}  // namespace persona_runtime
