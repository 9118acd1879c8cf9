#pragma once
#include "actors/conversation_actor.hpp"
#include "domain/budget/ledger.hpp"
#include "domain/conversation/completion_frame.hpp"
#include "messages/completion_messages.hpp"

#include <caf/stateful_actor.hpp>

namespace persona_runtime {

struct completion_life : stays_here {
  static inline const char* name = "completion";
  conversation_services_ptr services;
  completions_actor keeper;
  completion_job_ptr job;
  persona_row_ptr persona;
  counted_completion counted;
  ledger budget;  // its own; nobody else spends of it
  turn_state turn;
  usage_meter meter;
  std::string error_kind;  // of the turn's `error` record
  std::string error;
};

/// One completion: a turn by the rules of conversations whose records are told to the listener and
/// kept nowhere. Grants its own model calls, by a ledger and the caps of its persona.
///
/// Spawned by: completions. `messages` are the request's, with what was kept of earlier rounds.
/// Thread:     CAF pool; never blocks. Long requests are counted a piece at a time.
/// Sends:      what `decide` says, at once: nothing waits for a commit; its grants to itself.
///             completion_over at its end.
/// Dies:       with its turn. A crash is for completions to answer.
completion_actor::behavior_type
completion_behavior(completion_actor::stateful_pointer<completion_life> self,
                    conversation_services_ptr services, completions_actor keeper,
                    completion_job_ptr job, persona_row_ptr persona, message_list messages);

}  // namespace persona_runtime
