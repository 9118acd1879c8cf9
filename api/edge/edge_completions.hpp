#pragma once
#include "api/completion_backend.hpp"
#include "api/edge/edge_actor.hpp"
#include "api/edge/edge_conversations.hpp"
#include "messages/completion_messages.hpp"

namespace persona_runtime {

/// The completions as the HTTP edge sees them. Thread-safe.
class edge_completions final : public completion_backend {
public:
  edge_completions(edge_conversations::poster post, completions_actor completions,
                   conversation_edge_services services);

  [[nodiscard]] begun_completion complete(const caller& who, completion_request what,
                                          std::shared_ptr<completion_listener> listener) override;

private:
  begun_completion say_there(const caller& who, completion_request what,
                             std::shared_ptr<completion_listener> listener);

  edge_conversations::poster post_;  // for turns of conversations
  completions_actor completions_;    // for those of which nothing is kept
  conversation_edge_services services_;
};

}  // namespace persona_runtime
