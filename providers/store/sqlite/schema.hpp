#pragma once
// Which tables there are, and how an older file becomes a current one. docs/journal-format.md
// explains tables and columns.

#include "providers/store/sqlite/connection.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace persona_runtime::sqlite {

/// "prt1": marks the file as ours (pragma application_id).
inline constexpr auto application_id = std::int64_t{0x70727431};

/// One step of the schema: the n-th of a list leads from version n to n + 1.
struct migration {
  const char* what;  // for the message when it fails
  const char* sql;   // statements; carried out in one transaction with the new version number
};

/// From the empty file to the version of this program. Never edited, only added to.
[[nodiscard]] std::span<const migration> migrations();

/// Whether this program may use the file: ours or empty, and not newer than `known`.
/// @errors journal_unavailable, with what to do. Throws sqlite_error when it cannot be read.
[[nodiscard]] result<void> check_origin(connection& db, const std::string& path, std::size_t known);

/// Brings the file up to version `steps.size()`, each step in a transaction of its own: after a
/// crash or a failure the file has the version of the last whole step. Throws sqlite_error.
void migrate(connection& db, std::span<const migration> steps);

/// Looks for damage in files of up to 64 MiB; bigger ones would delay the start, and show their
/// damage when the damaged part is read. @errors journal_unavailable
[[nodiscard]] result<void> check_damage(connection& db, const std::string& path);

}  // namespace persona_runtime::sqlite
