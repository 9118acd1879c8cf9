#pragma once
#include "api/completion_backend.hpp"
#include "api/edge/edge_actor.hpp"
#include "api/edge/edge_conversations.hpp"

namespace persona_runtime {

/// The completions as the HTTP edge sees them. Thread-safe.
class edge_completions final : public completion_backend {
public:
  edge_completions(edge_conversations::poster post, conversation_edge_services services);

  void complete(const caller& who, completion_request what,
                std::shared_ptr<completion_listener> listener,
                on_done<begun_completion> done) override;

private:
  void say_there(const caller& who, completion_request what,
                 std::shared_ptr<completion_listener> listener,
                 std::shared_ptr<on_done<begun_completion>> done);

  edge_conversations::poster post_;
  conversation_edge_services services_;
};

}  // namespace persona_runtime
