#pragma once
#include "api/conversation_backend.hpp"
#include "api/edge/edge_actor.hpp"
#include "domain/run/spec.hpp"

#include <functional>

namespace persona_runtime {

struct conversation_edge_services {
  std::function<std::string()> new_ulid;   // 26 characters
  std::function<std::string()> new_nonce;  // 32 random hex digits
  std::function<instant()> now;
  run_limits turn_limits{};  // of every turn
};

/// The conversations as the HTTP edge sees them. Thread-safe.
class edge_conversations final : public conversation_backend {
public:
  /// Does something on the thread of one of the edges.
  using poster = std::function<void(std::function<void(edge_life&)>)>;

  edge_conversations(poster post, conversation_edge_services services);

  void create_conversation(const caller& who, new_conversation what,
                           on_done<std::string> done) override;
  void list_conversations(const caller& who, const conversation_query& query,
                          on_done<std::string> done) override;
  void show_conversation(const caller& who, const conversation_id& id,
                         on_done<std::string> done) override;
  void list_messages(const caller& who, const conversation_id& id, const message_query& query,
                     on_done<std::string> done) override;
  void delete_conversation(const caller& who, const conversation_id& id,
                           on_done<void> done) override;
  void say(const caller& who, const conversation_id& id, chat_message what,
           std::shared_ptr<run_viewer> viewer, on_done<std::unique_ptr<run_watch>> done) override;
  void say_again(const caller& who, const conversation_id& id, std::shared_ptr<run_viewer> viewer,
                 on_done<std::unique_ptr<run_watch>> done) override;
  void fork_conversation(const caller& who, const conversation_id& id, new_fork what,
                         on_done<std::string> done) override;
  void watch_turn(const caller& who, const conversation_id& id, event_seq from,
                  std::shared_ptr<run_viewer> viewer,
                  on_done<std::unique_ptr<run_watch>> done) override;
  void show_turn(const caller& who, const conversation_id& id, on_done<std::string> done) override;
  void cancel_turn(const caller& who, const conversation_id& id, std::string reason,
                   on_done<void> done) override;
  void list_turns(const caller& who, const conversation_id& id, const turn_query& query,
                  on_done<std::string> done) override;

private:
  [[nodiscard]] begin_turn fresh_turn(turn_request what) const;

  poster post_;
  conversation_edge_services services_;
};

}  // namespace persona_runtime
