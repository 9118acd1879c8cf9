#pragma once
// What the HTTP edge asks of the engine about what personas remember. As backend.hpp:
// thread-safe, returns at once, `done` is called exactly once, within 10 s. All fail with
// persona_not_found; an admin reaches what a deleted persona left, too.

#include "api/backend.hpp"
#include "domain/memory/listing.hpp"

namespace persona_runtime {

struct memory_query {
  memory_filter filter;
  std::string name{};      // all versions of this chain; empty: all chains
  bool with_past = false;  // past and retired versions too
  memory_position from{};
  std::uint32_t limit = 50;  // 1..200
};

struct memory_rollback {
  memory_filter filter;
  std::string name;              // of a chain
  std::uint32_t to_version = 0;  // at least 1
};

struct audit_query {
  persona_id persona;
  audit_filter filter{};
  std::uint32_t limit = 50;  // 1..200
  std::uint64_t offset = 0;
};

class memory_backend {
public:
  template <class T>
  using on_done = backend::on_done<T>;

  virtual ~memory_backend() = default;

  /// {"items": [{"scope","store","chunk"}], "next_cursor"}. Who is no admin sees the author's part
  /// and what belongs to his own talks.
  virtual void list_memory(const caller& who, const memory_query& query,
                           on_done<std::string> done) = 0;
  /// {"id"} of a further version that says what another one said; none: nothing that he sees is
  /// remembered by this name. Fails with validation_error: the policy refuses it, there is no such
  /// version, or there are too many users to look through.
  virtual void roll_back_memory(const caller& who, const memory_rollback& what,
                                on_done<std::optional<std::string>> done) = 0;
  /// Removes for good what is meant and his; `store` counts for nothing. {"chunks","scopes"}.
  /// Blocks other writers meanwhile; may be asked again.
  virtual void purge_memory(const caller& who, const memory_filter& what,
                            on_done<std::string> done) = 0;
  /// {"items": audit events, oldest first, "next_offset"}
  virtual void list_audit(const caller& who, const audit_query& query,
                          on_done<std::string> done) = 0;
};

}  // namespace persona_runtime
