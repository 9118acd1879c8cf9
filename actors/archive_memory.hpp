#pragma once
// What the archive answers about what personas remember. Its own file, not another actor.

#include "actors/archive_actor.hpp"

namespace persona_runtime {

caf::result<json_text> on_list_memory(archive_life& life, const list_memory& msg);
caf::result<memory_found> on_find_memory(archive_life& life, const find_memory& msg);
caf::result<json_text> on_list_audit(archive_life& life, const list_audit& msg);
caf::result<done> on_admit_memory(archive_life& life, const admit_memory& msg);

}  // namespace persona_runtime
