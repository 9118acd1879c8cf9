#include "messages/table.hpp"

#include <caf/all.hpp>

namespace persona_runtime {

void announce_messages(caf::actor_system_config& cfg) {
  for_each_message([&cfg]<class T>(const char* name) { cfg.add_message_type<T>(name); });
}

}  // namespace persona_runtime
