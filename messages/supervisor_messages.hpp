#pragma once
// What the supervisor is asked and told: by the edge (start, cancel, answer), by runs, by the
// journal.

#include "domain/event/codec.hpp"
#include "messages/journal_messages.hpp"
#include "messages/run_messages.hpp"

namespace persona_runtime {

/// A setup travels in its stored form.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, setup_ptr& x) {
  if constexpr (Inspector::reads_state) {
    auto text = x ? encode_setup(*x) : std::string{};
    return f(text);
  } else {
    auto text = std::string{};
    if (auto failed = f(text))
      return failed;
    auto setup = text.empty() ? result<setup_ptr>{setup_ptr{}} : decode_setup(text);
    if (!setup)
      return caf::make_error(caf::sec::invalid_argument);
    x = std::move(*setup);
    return f();
  }
}

/// Asks for a new run.
///
/// From:    the edge or an embedding program.
/// Answer:  run_accepted, after acceptance is durable.
/// Failure: overloaded, journal_unavailable: nothing was started, may be tried again.
///          idempotency_key_reused: the owner's key is taken; look up by whom.
struct start_run {
  run_id run;
  spec_ptr spec;
  setup_ptr setup;
  shared_text setup_text;       // its stored form, under spec->setup_hash
  std::string idempotency_key;  // empty: none
  std::string request_hash;
};
struct run_accepted {
  run_id run;
  shared_text status;  // JSON, RunStatus without steps
};

/// Who asks: what belongs to others only an admin sees.
struct asker {
  owner_id owner;
  bool admin = false;
};
[[nodiscard]] inline bool may_see(const asker& who, const owner_id& owner) {
  return who.admin || who.owner == owner;
}

/// Asks a run to stop. Send it with send_urgent.
///
/// Answer:  run_ended, after the terminal record is durable. Its status is not `cancelled` when
///          the run had ended by itself before the cancel reached it.
/// Failure: run_not_found (no such live run of his). Idempotent.
struct cancel_run {
  run_id run;
  asker who;
  std::string reason;
};

/// Hands a user's answer to a run that asks.
///
/// Answer:  done, after the answer is durable.
/// Failure: run_not_found (no such live run of his), not_awaiting_user.
struct answer_run {
  run_id run;
  asker who;
  std::string text;
  message_size size;
  std::string question_id;  // empty: whatever is asked
};

/// Runs that earlier processes left unfinished, to be taken up again. From: bootstrap, once.
struct resume_all {};

/// Asks for a stop: no new runs, no further steps. Answered when no step is in flight; the asker
/// limits how long it waits.
struct drain {};

/// The supervisor's own tick; looks at all deadlines.
struct sweep {};

using supervisor_actor =
  interface<answers<run_accepted, start_run>, answers<run_ended, cancel_run>,
            answers<done, answer_run>, answers<done, drain>, takes<resume_all>, takes<reserve_step>,
            takes<await_answer>, takes<answer_taken>, takes<answer_refused>, takes<run_ended>,
            takes<records_committed>, takes<append_refused>, takes<journal_changed>, takes<sweep>>;

}  // namespace persona_runtime
