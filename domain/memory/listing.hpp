#pragma once
// What is remembered, as lists show it: which places are asked for, one chunk with the place it
// lies in as JSON, and pages of them as they come over HTTP.

#include "domain/memory/audit.hpp"
#include "domain/memory/chunk.hpp"
#include "domain/memory/outcome.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Of which memory. Empty texts: no condition.
struct memory_filter {
  persona_id persona;
  std::string owner{};
  std::string user{};
  std::optional<memory_store_kind> store{};
  friend bool operator==(const memory_filter&, const memory_filter&) = default;
};

/// The author's part has neither owner nor user, so a filter that names one leaves it out.
[[nodiscard]] bool is_meant(const memory_filter& filter, const memory_scope& scope);

/// Lets go of all that is meant; the filter's store is no condition of a purge.
[[nodiscard]] memory_purge purge_of(const memory_filter& what, std::string asked_by, instant now);
/// Writes version `to_version` of the chain `name` again, as a user's wish.
[[nodiscard]] memory_request rollback_of(const memory_place& place, std::string name,
                                         std::uint32_t to_version, std::string asked_by,
                                         instant now);

/// Every place of these scopes that is meant, in the order of the scopes.
[[nodiscard]] std::vector<memory_place> places_of(const std::vector<memory_scope>& scopes,
                                                  const memory_filter& filter);

/// Where a list goes on: `offset` chunks of `place` have been seen, and all before it. As made it
/// lies before everything.
struct memory_position {
  memory_place place{{}, memory_store_kind::identity};
  std::uint64_t offset = 0;
  friend bool operator==(const memory_position&, const memory_position&) = default;
};

/// A text of digits, letters and dots that says all but the persona. It names the place itself
/// and not its number, so that places that come or go meanwhile move nothing.
[[nodiscard]] std::string cursor_text(const memory_position& position);
/// What cursor_text wrote; none for anything else.
[[nodiscard]] std::optional<memory_position> memory_position_of(std::string_view cursor,
                                                                const persona_id& persona);

struct placed_chunk {
  memory_place place;
  memory_chunk chunk;
  friend bool operator==(const placed_chunk&, const placed_chunk&) = default;
};

/// {"persona","owner","user"}
void append_json(std::string& out, const memory_scope& scope);
/// {"scope","store","chunk"}: one line of an export.
void append_json(std::string& out, const placed_chunk& one);

/// {"items","next_cursor"} of such objects.
struct memory_page {
  std::vector<placed_chunk> items;
  std::string next;  // empty: this was the last one
};
/// @errors validation_error: not that
[[nodiscard]] result<memory_page> memory_page_from_json(std::string_view json);

/// {"items","next_offset"} of audit events.
struct audit_page {
  std::vector<memory_audit> items;
  std::optional<std::uint64_t> next{};  // none: this was the last one
};
/// @errors validation_error: not that
[[nodiscard]] result<audit_page> audit_page_from_json(std::string_view json);

}  // namespace persona_runtime
