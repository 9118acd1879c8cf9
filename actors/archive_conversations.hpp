#pragma once
// What the archive answers about conversations. Its own file, not another actor.

#include "actors/archive_actor.hpp"

namespace persona_runtime {

caf::result<found_conversation> on_find_conversation(archive_life& life,
                                                     const find_conversation& msg);
caf::result<loaded_conversation> on_load_conversation(archive_life& life,
                                                      const load_conversation& msg);
caf::result<last_said> on_find_last_said(archive_life& life, const find_last_said& msg);
caf::result<json_text> on_show_conversation(archive_life& life, const show_conversation& msg);
caf::result<json_text> on_summarise(archive_life& life, const summarise_conversation& msg);
caf::result<json_text> on_list_conversations(archive_life& life, const list_conversations& msg);
caf::result<json_text> on_list_messages(archive_life& life, const list_messages& msg);
caf::result<json_text> on_show_turn(archive_life& life, const show_turn& msg);
caf::result<found_turn> on_find_turn(archive_life& life, const find_turn& msg);
caf::result<json_text> on_list_turns(archive_life& life, const list_turns& msg);
caf::result<unfinished_turn_list> on_list_unfinished_turns(archive_life& life,
                                                           const list_unfinished_turns& msg);

}  // namespace persona_runtime
