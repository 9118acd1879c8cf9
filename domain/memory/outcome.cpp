#include "domain/memory/outcome.hpp"

namespace persona_runtime {

memory_audit purge_event(const memory_purge& what, const memory_purged& done) {
  auto event = memory_audit{};
  event.at = what.at;
  event.scope = shared_scope(what.persona);
  event.action = audit_action::remove;
  event.source = memory_source::user;
  event.written_by = what.asked_by;
  event.reason = "purge";
  event.metadata = {{"chunks", std::to_string(done.chunks)},
                    {"scopes", std::to_string(done.scopes)}};
  return event;
}

}  // namespace persona_runtime
