#pragma once
// One name per message type, the same on every node. Never reuse or change one.

#include "messages/archive_messages.hpp"
#include "messages/call_messages.hpp"
#include "messages/conversation_messages.hpp"
#include "messages/memory_messages.hpp"
#include "messages/stream_messages.hpp"

#include <caf/actor_system_config.hpp>

namespace persona_runtime {

/// Calls visit.operator()<T>("name") for every message that crosses actors.
template <class Visitor>
void for_each_message(Visitor&& visit) {
  visit.template operator()<step_granted>("step_granted");
  visit.template operator()<step_refused>("step_refused");
  visit.template operator()<step_held>("step_held");
  visit.template operator()<model_replied>("model_replied");
  visit.template operator()<model_failed>("model_failed");
  visit.template operator()<tool_replied>("tool_replied");
  visit.template operator()<user_answer>("user_answer");
  visit.template operator()<question_timed_out>("question_timed_out");
  visit.template operator()<cancel>("cancel");
  visit.template operator()<deadline_passed>("deadline_passed");
  visit.template operator()<records_committed>("records_committed");
  visit.template operator()<append_refused>("append_refused");
  visit.template operator()<reserve_step>("reserve_step");
  visit.template operator()<call_model>("call_model");
  visit.template operator()<call_tool>("call_tool");
  visit.template operator()<cancel_calls>("cancel_calls");
  visit.template operator()<await_answer>("await_answer");
  visit.template operator()<answer_taken>("answer_taken");
  visit.template operator()<answer_refused>("answer_refused");
  visit.template operator()<run_ended>("run_ended");
  visit.template operator()<provider_replied>("provider_replied");
  visit.template operator()<provider_failed>("provider_failed");
  visit.template operator()<call_tick>("call_tick");
  visit.template operator()<append_records>("append_records");
  visit.template operator()<publish_events>("publish_events");
  visit.template operator()<watch_journal>("watch_journal");
  visit.template operator()<follow_commits>("follow_commits");
  visit.template operator()<journal_changed>("journal_changed");
  visit.template operator()<put_persona>("put_persona");
  visit.template operator()<remove_persona>("remove_persona");
  visit.template operator()<replace_persona>("replace_persona");
  visit.template operator()<persona_replaced>("persona_replaced");
  visit.template operator()<remove_run>("remove_run");
  visit.template operator()<settle_appends>("settle_appends");
  visit.template operator()<done>("done");
  visit.template operator()<flush>("flush");
  visit.template operator()<change_memory>("change_memory");
  visit.template operator()<memory_written>("memory_written");
  visit.template operator()<keep_vectors>("keep_vectors");
  visit.template operator()<queue_vectors>("queue_vectors");
  visit.template operator()<purge_memory>("purge_memory");
  visit.template operator()<memory_purged>("memory_purged");
  visit.template operator()<follow_memory>("follow_memory");
  visit.template operator()<memory_changed>("memory_changed");
  visit.template operator()<vectors_kept>("vectors_kept");
  visit.template operator()<ask_memory>("ask_memory");
  visit.template operator()<memory_answer>("memory_answer");
  visit.template operator()<query_embedded>("query_embedded");
  visit.template operator()<query_late>("query_late");
  visit.template operator()<batch_embedded>("batch_embedded");
  visit.template operator()<embed_tick>("embed_tick");
  visit.template operator()<index_tick>("index_tick");
  visit.template operator()<start_run>("start_run");
  visit.template operator()<run_accepted>("run_accepted");
  visit.template operator()<cancel_run>("cancel_run");
  visit.template operator()<answer_run>("answer_run");
  visit.template operator()<resume_all>("resume_all");
  visit.template operator()<drain>("drain");
  visit.template operator()<sweep>("sweep");
  visit.template operator()<load_run>("load_run");
  visit.template operator()<loaded_run>("loaded_run");
  visit.template operator()<read_events>("read_events");
  visit.template operator()<events_read>("events_read");
  visit.template operator()<find_run>("find_run");
  visit.template operator()<find_run_by_key>("find_run_by_key");
  visit.template operator()<show_run>("show_run");
  visit.template operator()<json_text>("json_text");
  visit.template operator()<list_runs>("list_runs");
  visit.template operator()<list_unfinished>("list_unfinished");
  visit.template operator()<run_rows>("run_rows");
  visit.template operator()<prepare_run>("prepare_run");
  visit.template operator()<prepared_run>("prepared_run");
  visit.template operator()<measure_text>("measure_text");
  visit.template operator()<text_measured>("text_measured");
  visit.template operator()<check_persona>("check_persona");
  visit.template operator()<persona_checked>("persona_checked");
  visit.template operator()<change_persona>("change_persona");
  visit.template operator()<keep_persona>("keep_persona");
  visit.template operator()<persona_changed>("persona_changed");
  visit.template operator()<show_persona>("show_persona");
  visit.template operator()<show_persona_skills>("show_persona_skills");
  visit.template operator()<find_persona>("find_persona");
  visit.template operator()<list_personas>("list_personas");
  visit.template operator()<check_store>("check_store");
  visit.template operator()<try_append>("try_append");
  visit.template operator()<add_conversation>("add_conversation");
  visit.template operator()<alter_conversation>("alter_conversation");
  visit.template operator()<erase_conversation>("erase_conversation");
  visit.template operator()<find_conversation>("find_conversation");
  visit.template operator()<found_conversation>("found_conversation");
  visit.template operator()<load_conversation>("load_conversation");
  visit.template operator()<loaded_conversation>("loaded_conversation");
  visit.template operator()<show_conversation>("show_conversation");
  visit.template operator()<summarise_conversation>("summarise_conversation");
  visit.template operator()<list_conversations>("list_conversations");
  visit.template operator()<list_messages>("list_messages");
  visit.template operator()<show_turn>("show_turn");
  visit.template operator()<find_turn>("find_turn");
  visit.template operator()<found_turn>("found_turn");
  visit.template operator()<list_turns>("list_turns");
  visit.template operator()<list_unfinished_turns>("list_unfinished_turns");
  visit.template operator()<unfinished_turn_list>("unfinished_turn_list");
  visit.template operator()<begin_turn>("begin_turn");
  visit.template operator()<begin_next>("begin_next");
  visit.template operator()<turn_begun>("turn_begun");
  visit.template operator()<cancel_turn>("cancel_turn");
  visit.template operator()<turn_ended>("turn_ended");
  visit.template operator()<remove_conversation>("remove_conversation");
  visit.template operator()<turn_over>("turn_over");
  visit.template operator()<leave_conversation>("leave_conversation");
  visit.template operator()<end_old_turns>("end_old_turns");
  visit.template operator()<answer_grew>("answer_grew");
  visit.template operator()<recall_is_late>("recall_is_late");
  visit.template operator()<memory_recalled>("memory_recalled");
  visit.template operator()<watch_run>("watch_run");
  visit.template operator()<ack_events>("ack_events");
  visit.template operator()<leave_run>("leave_run");
  visit.template operator()<viewer_events>("viewer_events");
  visit.template operator()<viewer_text>("viewer_text");
  visit.template operator()<viewer_ended>("viewer_ended");
  visit.template operator()<text_grew>("text_grew");
  visit.template operator()<run_over>("run_over");
}

void announce_messages(caf::actor_system_config& cfg);

}  // namespace persona_runtime
