#pragma once
// Who changed a persona's memory, when and why: one event for every change that took place.

#include "domain/failure.hpp"
#include "domain/ids.hpp"
#include "domain/memory/chunk.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

enum class audit_action : std::uint8_t {
  write,
  remove,            // "delete": a whole store
  remove_documents,  // single chunks
  rollback,
  skill_injected,
  skill_refused,
  connect,             // of tools, as those below: to a server
  disconnect,          // from it
  execute,             // code was run
  server_unavailable,  // a server was not there
};
enum class audit_store : std::uint8_t {
  identity,
  self_facts,
  worldview,
  episodic,
  knowledge_graph,
  skill,
  tool,
};

/// "write", "delete", "remove_documents", …; "identity", …, "skill", "tool".
[[nodiscard]] std::string_view name_of(audit_action action);
[[nodiscard]] std::string_view name_of(audit_store store);
[[nodiscard]] std::optional<audit_action> audit_action_of(std::string_view name);
[[nodiscard]] std::optional<audit_store> audit_store_of(std::string_view name);
[[nodiscard]] audit_store audit_store_of(memory_store_kind kind);

struct memory_audit {
  instant at{};
  memory_scope scope;
  audit_action action = audit_action::write;
  audit_store store = audit_store::episodic;
  memory_source source = memory_source::system;
  std::optional<std::string> written_by{};
  std::optional<std::string> reason{};
  std::vector<std::string> chunk_ids{};
  std::vector<std::string> logical_ids{};
  memory_metadata metadata{};
  friend bool operator==(const memory_audit&, const memory_audit&) = default;
};

/// Which events to read; all conditions must hold.
struct audit_filter {
  std::optional<instant> since{};  // this instant is in
  std::optional<audit_action> action{};
  std::optional<memory_source> source{};
  std::optional<audit_store> store{};
};
[[nodiscard]] bool matches(const audit_filter& filter, const memory_audit& event);

/// One compact JSON object without a line feed: timestamp, persona_id, owner_id, user, action,
/// store, source, written_by, reason, chunk_ids, logical_ids, metadata.
[[nodiscard]] std::string to_json(const memory_audit& event);

/// What to_json wrote. @errors validation_error: not that; a store or action with another name; a
/// timestamp without an offset
[[nodiscard]] result<memory_audit> memory_audit_from_json(std::string_view json);

/// The `since` of a filter from text. @errors validation_error, "tz-aware" without an offset
[[nodiscard]] result<instant> audit_since(std::string_view text);

}  // namespace persona_runtime
