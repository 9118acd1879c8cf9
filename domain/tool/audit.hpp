#pragma once
// What the audit log says of tools (persona-tools §14.1): only what changed something outside.

#include "domain/memory/write.hpp"
#include "domain/run/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// One event that is about to be noted, and who stands behind it.
struct audit_entry {
  note_audit what;
  std::string written_by;
};

/// Keys of a result's metadata by which a tool asks for an audit event: its action ("write",
/// "execute", …) and what it was done to. Further keys with the same prefix become the event's
/// metadata. Only tools of this program can set them.
inline constexpr std::string_view audit_key_prefix = "audit.";
inline constexpr std::string_view audit_action_key = "audit.action";
inline constexpr std::string_view audit_resource_key = "audit.resource";

/// The event that a result asks for, with metadata tool_name, resource, is_error and the tool's
/// own; none: it asks for none, or for an action that there is not.
[[nodiscard]] std::optional<audit_entry> tool_audit_of(std::string_view tool,
                                                       const tool_result& result);

/// Asks for the event, in the memory of that talk.
[[nodiscard]] memory_request audit_request(const memory_scope& talk, audit_entry entry,
                                           instant now);

}  // namespace persona_runtime
