#pragma once
// What is asked and told about completions of which nothing is kept: by the edge (begin one, give
// it up), by the tier, the tools and memory. Whoever waits for the answer is called, not sent
// messages: it is an HTTP exchange of this very process.

#include "domain/conversation/completion.hpp"
#include "messages/conversation_messages.hpp"

namespace persona_runtime {

/// All of one completion. Immutable but for the listener, which is thread-safe.
struct completion_job {
  run_id id;  // "chatcmpl-" + ULID
  asker who;
  std::string nonce;  // of its envelopes
  run_limits limits;
  completion_request what;
  std::shared_ptr<completion_listener> listener;
};

using completion_job_ptr = std::shared_ptr<const completion_job>;

/// Asks for a completion. Local: it never leaves the process.
///
/// From:    the edge.
/// To:      completions, which spawns an actor for it.
/// Answer:  none; the listener is told, of its end or of its refusal, whatever happens.
struct begin_completion {
  completion_job_ptr job;
};

/// Nobody waits for it any more: the calls under way are given up. From: the edge. Unknown ones and
/// those that have ended are passed over.
struct cancel_completion {
  run_id id;
};

/// From: a completion's actor, which calls on_end next and is gone.
struct completion_over {
  run_id id;
  std::string first_call;      // id of the first call that the client carries out; empty: none
  message_list server_rounds;  // what it does not see and is to be kept for the next request
};

/// Count on. From: the completion itself.
struct count_on {};

using completion_actor =
  interface<takes<count_on>, takes<step_granted>, takes<step_refused>, takes<model_replied>,
            takes<model_failed>, takes<hedge_wanted>, takes<tool_replied>, takes<memory_recalled>,
            takes<recall_is_late>, takes<answer_grew>, takes<cancel>, takes<deadline_passed>>;

using completions_actor = interface<takes<begin_completion>, answers<done, drain>,
                                    takes<cancel_completion>, takes<completion_over>, takes<sweep>>;

}  // namespace persona_runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(persona_runtime::begin_completion)
