#pragma once
#include "api/edge/edge_actor.hpp"
#include "api/edge/edge_conversations.hpp"
#include "api/memory_backend.hpp"

namespace persona_runtime {

/// What personas remember, as the HTTP edge sees it. Thread-safe.
class edge_memory final : public memory_backend {
public:
  /// `now` is UTC.
  edge_memory(edge_conversations::poster post, std::function<instant()> now);

  void list_memory(const caller& who, const memory_query& query,
                   on_done<std::string> done) override;
  void roll_back_memory(const caller& who, const memory_rollback& what,
                        on_done<std::optional<std::string>> done) override;
  void purge_memory(const caller& who, const memory_filter& what,
                    on_done<std::string> done) override;
  void list_audit(const caller& who, const audit_query& query, on_done<std::string> done) override;

private:
  edge_conversations::poster post_;
  std::function<instant()> now_;
};

}  // namespace persona_runtime
