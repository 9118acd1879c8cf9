#include "domain/skill/audit.hpp"

namespace persona_runtime {

std::optional<audit_entry> skill_audit_of(const activation& a, const skill& s) {
  auto event = audit_of(a, s);
  const auto action = audit_action_of(event.action);
  if (!action)
    return std::nullopt;
  return audit_entry{{audit_store::skill, *action, std::move(event.metadata)}, s.source};
}

}  // namespace persona_runtime
