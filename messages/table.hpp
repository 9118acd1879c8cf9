#pragma once
// One name per message type, the same on every node. Never reuse or change one.

#include "messages/archive_messages.hpp"
#include "messages/call_messages.hpp"
#include "messages/stream_messages.hpp"

#include <caf/actor_system_config.hpp>

namespace persona_runtime {

// clang-format off: aligned by hand, since the tool changes its mind about it.
#define PERSONA_MESSAGES(ROW)                                                                      \
  ROW(step_granted)                                                                                \
  ROW(step_refused)                                                                                \
  ROW(step_held)                                                                                   \
  ROW(model_replied)                                                                               \
  ROW(model_failed) ROW(tool_replied) ROW(user_answer) ROW(question_timed_out) ROW(cancel)         \
    ROW(deadline_passed) ROW(records_committed) ROW(append_refused) ROW(reserve_step)              \
      ROW(call_model) ROW(call_tool) ROW(cancel_calls) ROW(await_answer) ROW(answer_taken)         \
        ROW(answer_refused) ROW(run_ended) ROW(provider_replied) ROW(provider_failed)              \
          ROW(call_tick) ROW(append_records) ROW(publish_events) ROW(watch_journal)                \
            ROW(follow_commits) ROW(journal_changed) ROW(put_persona) ROW(remove_persona)          \
              ROW(remove_run) ROW(settle_appends) ROW(done) ROW(flush) ROW(start_run)              \
                ROW(run_accepted) ROW(cancel_run) ROW(answer_run) ROW(resume_all) ROW(drain)       \
                  ROW(sweep) ROW(load_run) ROW(loaded_run) ROW(read_events) ROW(events_read)       \
                    ROW(find_run) ROW(find_run_by_key) ROW(show_run) ROW(json_text) ROW(list_runs) \
                      ROW(list_unfinished) ROW(run_rows) ROW(prepare_run) ROW(prepared_run)        \
                        ROW(measure_text) ROW(text_measured) ROW(check_persona)                    \
                          ROW(persona_checked) ROW(show_persona) ROW(find_persona)                 \
                            ROW(list_personas) ROW(check_store) ROW(watch_run) ROW(ack_events)     \
                              ROW(leave_run) ROW(viewer_events) ROW(viewer_text) ROW(viewer_ended) \
                                ROW(text_grew) ROW(run_over)

// clang-format on

/// Calls visit.operator()<T>("name") for every message that crosses actors.
template <class Visitor>
void for_each_message(Visitor&& visit) {
#define PERSONA_ROW(type) visit.template operator()<type>(#type);
  PERSONA_MESSAGES(PERSONA_ROW)
#undef PERSONA_ROW
}

void announce_messages(caf::actor_system_config& cfg);

}  // namespace persona_runtime
