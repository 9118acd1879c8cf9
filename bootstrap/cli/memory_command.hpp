#pragma once
// `persona memory ...`: looks into what a persona remembers, takes it out, takes it back, removes
// it; in a data directory or at a server.

#include "bootstrap/cli/memory_access.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>

namespace persona_runtime::cli {

/// Of whose memory, and of which store. Empty: all.
struct memory_options {
  std::string persona;  // its id; needed
  std::string owner;
  std::string user;
  std::string store;  // identity, self_facts, worldview, episodic
  bool with_past = false;
  bool json = false;
};

/// Each returns the exit code: 0 done; 1 failed, with one line on `err`; 2 options that cannot be
/// meant. What was asked for goes to `out`.

/// The newest versions, or with `with_past` all of them; one line each.
int memory_list(memory_access& memory, const memory_options& options, std::ostream& out,
                std::ostream& err);

/// All versions of one chain.
int memory_history(memory_access& memory, const memory_options& options,
                   const std::string& logical_id, std::ostream& out, std::ostream& err);

/// A further version that says what `to_version` said.
int memory_rollback(memory_access& memory, const memory_options& options,
                    const std::string& logical_id, std::uint32_t to_version, std::ostream& out,
                    std::ostream& err);

/// Everything, audit events too, one JSON object a line: {"scope","store","chunk"} or
/// {"scope","audit"}.
int memory_export(memory_access& memory, const memory_options& options, std::ostream& out,
                  std::ostream& err);

/// Removes for good; `store` is not looked at. Without `confirmed` it only says what it would do.
int memory_purge_all(memory_access& memory, const memory_options& options, bool confirmed,
                     std::ostream& out, std::ostream& err);

}  // namespace persona_runtime::cli
