#pragma once
#include "actors/live_text.hpp"
#include "actors/memory_asker.hpp"
#include "actors/pending_append.hpp"
#include "actors/routing_log.hpp"
#include "actors/spending.hpp"
#include "actors/tier_board.hpp"
#include "actors/usage_inbox.hpp"
#include "domain/budget/usage_meter.hpp"
#include "domain/conversation/kept_talk.hpp"
#include "messages/archive_messages.hpp"
#include "messages/conversation_messages.hpp"
#include "providers/turn_log_writer.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>
#include <memory>

namespace persona_runtime {

/// What all conversations of a node share. Immutable.
struct conversation_services {
  conversations_actor conversations;
  journal_actor journal;
  archive_actor archive;
  std::map<std::string, tier_actor> tiers;           // by the name of the tier that serves
  std::map<std::string, tool_executor_actor> tools;  // by tool name
  turn_rules rules;
  tier_board_ptr board;  // null: the tiers stay what they are
  history_rules history;
  /// What turns of this version of a persona share; made once. Thread-safe.
  std::function<result<turn_setup_ptr>(const persona_row&)> setup_of;
  memory_asker recall;                         // empty: nothing is remembered
  late_recalls_actor late;                     // there if `recall` is
  std::shared_ptr<turn_log_writer> turn_logs;  // null: logs are kept in the store only
  std::shared_ptr<routing_log> routing;        // null: nobody is told
  std::shared_ptr<live_registry> live;
  usage_inbox_ptr usage;                           // of what belongs to no append
  spending_ptr caps;                               // null: personas have none
  std::function<instant()> now;                    // UTC
  std::function<void(const run_id&)> forget_live;  // the turn's live text is over
};
using conversation_services_ptr = std::shared_ptr<const conversation_services>;

/// The turn under way. `state` runs ahead of the journal; effects wait until it has caught up.
struct live_turn {
  struct waiting_effects {
    std::uint64_t pos;  // carried out when everything before it is durable
    std::vector<turn_effect> effects;
  };
  turn_state state;
  turn_frame_ptr frame;  // null: left by an earlier incarnation
  message_row question;  // as they are in the store
  message_row answer;
  pending_append pending;
  usage_meter meter;
  std::uint64_t committed = 0;
  bool begun = false;                       // transaction 1 is durable
  std::optional<turn_log> log{};            // of the turn that has ended
  bool text_waits = false;                  // live text has grown while a piece was on its way
  std::optional<cancel> early_cancel{};     // came before that
  std::optional<std::uint64_t> replaces{};  // messages from this position on
  std::vector<waiting_effects> waiting{};
  std::vector<caf::typed_response_promise<turn_ended>> cancels{};
};

/// What goes on behind the turns: a fold, or a title. One at a time.
struct behind_work {
  enum class kind : std::uint8_t { fold, refold, title };
  kind what = kind::fold;
  identity call;
  message_range range;  // of the tail
  std::string text;     // the user's part of the call
  walk_position walk;
};

struct conversation_life : stays_here {
  struct waiting_begin {
    begin_turn what;
    caf::typed_response_promise<turn_begun> promise;
    std::optional<cancel> cancelled{};  // before it began
    std::vector<caf::typed_response_promise<turn_ended>> cancels{};
  };
  static inline const char* name = "conversation";
  conversation_services_ptr services;
  conversation_id id;
  resume_reason reason = resume_reason::restart;  // why a turn may be found unfinished
  bool loaded = false;
  kept_talk talk;
  spent_cents spent;  // by its turns
  struct waiting_next {
    begin_turn wanted;
    caf::typed_response_promise<turn_begun> promise;
  };
  std::optional<waiting_next> next;    // handed back when the turn's end is durable
  std::optional<waiting_begin> early;  // came before that, or while an old turn is ended
  std::vector<caf::typed_response_promise<turn_ended>> cancels_of_next;  // of one that begins
  std::optional<live_turn> turn;
  std::optional<behind_work> behind;
  std::uint32_t behind_count = 0;
  fallback_window fallbacks;
};

/// One open conversation: its turns, one at a time, and the folding of its history behind them.
///
/// Spawned by: conversations, which passes everything as arguments.
/// Thread:     CAF pool; never blocks.
/// Sends:      what `decide` says, after the commit of the records that go with it; turn_over when
///             no turn is under way any more.
/// Dies:       on leave_conversation, and when the store refuses its appends (the conversation was
///             deleted, or has a successor). A crash is for conversations to answer.
conversation_actor::behavior_type
conversation_behavior(conversation_actor::stateful_pointer<conversation_life> self,
                      conversation_services_ptr services, conversation_id id, resume_reason reason);

namespace conversing {

using conversation_self = conversation_actor::stateful_pointer<conversation_life>;

/// What came of a model call is accounted for by the tiers that it was made under.
[[nodiscard]] bool is_about_a_call(const turn_input& in);
/// Tells the turn under way something, and carries out what follows.
void take(conversation_self self, const turn_input& in);
void perform_durable(conversation_self self);
/// Live text may have grown.
void look_at_text(conversation_self self);
void begin(conversation_self self, conversation_life::waiting_begin wanted);
/// Nothing is under way: begins the turn that waits, or says that there is none. `last` is the one
/// that was; empty: none.
void go_on(conversation_self self, const run_id& last);
/// Ends the turn that the journal holds; the actor has just been loaded.
void end_left_turn(conversation_self self, const loaded_conversation& past);

/// Folds the history, or makes a title, if that is due.
void work_behind(conversation_self self);
void on_behind_reply(conversation_self self, const model_replied& msg);
void on_behind_failure(conversation_self self, const model_failed& msg);

}  // namespace conversing

}  // namespace persona_runtime
