#pragma once
// What the HTTP edge asks of the engine about conversations. As backend.hpp: thread-safe, returns
// at once, `done` is called exactly once, within 10 s.

#include "api/backend.hpp"
#include "domain/event/conversation_rows.hpp"

namespace persona_runtime {

/// What somebody says. Checked.
struct chat_message {
  std::string content;                // UTF-8, 1..65'536 bytes
  std::string channel;                // text of a JSON object, or empty
  std::string user;                   // the channel's user; empty: the owner
  std::vector<image_block> images{};  // with their bytes; at most 16
};

struct new_conversation {
  persona_id persona;
  std::string title{};
  conversation_origin origin = conversation_origin::chat;
};

struct new_fork {
  message_id at;  // a user's message: up to before it; an answer: up to and with it
  std::optional<std::string> title{};  // none: as it was
};

struct conversation_query {
  std::optional<persona_id> persona{};
  std::uint32_t limit = 50;  // 1..200
  std::uint64_t offset = 0;
};

struct message_query {
  std::optional<std::uint64_t> before{};  // position
  std::uint32_t limit = 50;               // 1..200
  std::string contains;                   // empty: all
};

struct turn_query {
  std::optional<std::uint64_t> before{};  // turn index
  std::uint32_t limit = 50;               // 1..200
};

class conversation_backend {
public:
  template <class T>
  using on_done = backend::on_done<T>;

  virtual ~conversation_backend() = default;

  /// ConversationSummary. Fails with persona_not_found.
  virtual void create_conversation(const caller& who, new_conversation what,
                                   on_done<std::string> done) = 0;
  /// JSON list of ConversationSummary.
  virtual void list_conversations(const caller& who, const conversation_query& query,
                                  on_done<std::string> done) = 0;
  /// ConversationDetail. All from here on fail with conversation_not_found.
  virtual void show_conversation(const caller& who, const conversation_id& id,
                                 on_done<std::string> done) = 0;
  /// {"items": messages, oldest first, "next_before": position or null}
  virtual void list_messages(const caller& who, const conversation_id& id,
                             const message_query& query, on_done<std::string> done) = 0;
  virtual void delete_conversation(const caller& who, const conversation_id& id,
                                   on_done<void> done) = 0;

  /// Begins a turn and watches it from its first event. `done` follows the commit of its first
  /// transaction. Whoever goes away stops nothing. Fails with turn_already_active,
  /// model_unavailable, overloaded, journal_unavailable: then nothing was written.
  virtual void say(const caller& who, const conversation_id& id, chat_message what,
                   std::shared_ptr<run_viewer> viewer,
                   on_done<std::unique_ptr<run_watch>> done) = 0;
  /// Answers what was said last once more, in the place of the last answer. As say; fails with
  /// turn_not_active when there is no answer yet, too.
  virtual void say_again(const caller& who, const conversation_id& id,
                         std::shared_ptr<run_viewer> viewer,
                         on_done<std::unique_ptr<run_watch>> done) = 0;
  /// ConversationSummary of a new conversation that begins as this one did. Fails with
  /// validation_error: there is no such message, or it is not complete.
  virtual void fork_conversation(const caller& who, const conversation_id& id, new_fork what,
                                 on_done<std::string> done) = 0;
  /// Watches the turn under way. Fails with turn_not_active.
  virtual void watch_turn(const caller& who, const conversation_id& id, event_seq from,
                          std::shared_ptr<run_viewer> viewer,
                          on_done<std::unique_ptr<run_watch>> done) = 0;
  /// {"message_id","streaming_status","content","stream_events","last_event_id"}. Fails with
  /// turn_not_active.
  virtual void show_turn(const caller& who, const conversation_id& id,
                         on_done<std::string> done) = 0;
  /// Answered when the end is durable. Fails with turn_not_active.
  virtual void cancel_turn(const caller& who, const conversation_id& id, std::string reason,
                           on_done<void> done) = 0;
  /// JSON list of turn-log records, newest first.
  virtual void list_turns(const caller& who, const conversation_id& id, const turn_query& query,
                          on_done<std::string> done) = 0;
};

}  // namespace persona_runtime
