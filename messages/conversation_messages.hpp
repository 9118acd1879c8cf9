#pragma once
// What conversations are asked and told: by the edge (say something, cancel, delete), by the tier,
// the tools, memory and the journal.

#include "domain/conversation/turn_decide.hpp"
#include "messages/call_messages.hpp"
#include "messages/journal_messages.hpp"
#include "messages/memory_messages.hpp"
#include "messages/supervisor_messages.hpp"

namespace persona_runtime {

/// What somebody says in a conversation.
struct turn_request {
  conversation_id conversation;
  std::string text;     // UTF-8, not empty
  std::string user;     // whose talks these are; empty: the owner's own
  std::string channel;  // text of a JSON object, or empty
  std::vector<image_block> images;
  run_limits limits;
  wishes_ptr wishes{};  // null: none
  /// It answers in the place of the last turn, whose messages stand from this position on.
  std::optional<std::uint64_t> replaces{};
};
template <>
inline constexpr std::size_t declared_fields<turn_request> = 8;

/// Asks for a turn. The ids are fresh; `persona` is the row as it is now.
///
/// From:    the edge, which has made sure that the conversation is the asker's.
/// To:      conversations, which hands it to the conversation's actor.
/// Answer:  turn_begun, after transaction 1 is durable.
/// Failure: conversation_not_found, turn_already_active, model_unavailable, validation_error (no
///          tier takes images), overloaded, journal_unavailable: nothing was written.
struct begin_turn {
  turn_request what;
  message_id question;
  run_id answer;
  std::string nonce;
  persona_row persona;
};
struct turn_begun {
  conversation_id conversation;
  message_id question;
  run_id answer;
};

/// Asks for a turn while conversations believes that one is under way. Whoever has read a turn's
/// end may ask before conversations has heard of it; then the actor hands the begin_turn back,
/// behind its turn_over.
///
/// From:    conversations. To: the conversation's actor, behind the begin_turn of the other turn.
/// Answer, failure: as of begin_turn.
struct begin_next {
  begin_turn wanted;
};

/// Asks the turn under way to stop. Send it with send_urgent.
///
/// Answer:  turn_ended, after the end is durable; its status is not `cancelled` when the turn had
///          ended by itself before.
/// Failure: turn_not_active.
struct cancel_turn {
  conversation_id conversation;
  std::string reason;
};

/// Asks for a conversation to be deleted with all that it holds; a turn under way is cancelled
/// first. Failure: conversation_not_found, journal_unavailable.
struct remove_conversation {
  conversation_id conversation;
};

/// No turn is under way any more, or none ever was. From: a conversation's actor. It may cross a
/// begin_turn on its way there, which then counts: hence `last`.
struct turn_over {
  conversation_id conversation;
  run_id last;  // the turn that ended or did not begin; empty: the actor has just been loaded
};

/// Go away: nothing of yours is under way. From: conversations, which has forgotten the actor.
struct leave_conversation {};

/// Ends the turns that earlier processes left. From: bootstrap, once.
struct end_old_turns {};

/// Live text of a turn has grown. From: the thread that receives it, to the conversation or the
/// completion, once until it has looked.
struct answer_grew {
  run_id turn;
};

using conversation_actor =
  interface<answers<turn_begun, begin_turn>, answers<turn_begun, begin_next>,
            answers<turn_ended, cancel_turn>, takes<step_granted>, takes<step_refused>,
            takes<model_replied>, takes<model_failed>, takes<hedge_wanted>, takes<tool_replied>,
            takes<memory_recalled>, takes<recall_is_late>, takes<answer_grew>,
            takes<records_committed>, takes<append_refused>, takes<deadline_passed>,
            takes<leave_conversation>>;

using conversations_actor =
  interface<answers<turn_begun, begin_turn>, answers<turn_ended, cancel_turn>,
            answers<done, remove_conversation>, answers<done, drain>, takes<reserve_step>,
            takes<turn_over>, takes<end_old_turns>, takes<journal_changed>, takes<sweep>>;

}  // namespace persona_runtime
