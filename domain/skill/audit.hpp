#pragma once
// What the audit log says of skills (persona-tools §15.8).

#include "domain/skill/activation.hpp"
#include "domain/tool/audit.hpp"

namespace persona_runtime {

/// The event for a skill that was made active, or refused for want of consent; none for others.
[[nodiscard]] std::optional<audit_entry> skill_audit_of(const activation& a, const skill& s);

}  // namespace persona_runtime
