#pragma once
// The journal in one SQLite file. docs/journal-format.md says what lies in it.

#include "providers/store/journal_store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace persona_runtime {

/// What an acknowledged append survives.
enum class durability : std::uint8_t {
  full,     // power loss: every commit is synced to the disk before it is acknowledged
  process,  // a crash of this process. A power loss takes the last commits but leaves a sound
            // file: the log is synced before it is copied into the database
};

struct sqlite_settings {
  std::filesystem::path directory;  // created when it is missing, with its parents
  durability level = durability::full;
  /// Called once, on the thread of the store, when a sync has failed; must not return, because
  /// what the page cache holds can no longer be trusted. The default writes `message` to stderr
  /// and ends the process with status 1. If a test's own returns, every later call fails.
  std::function<void(const std::string& message)> on_failed_sync{};
  std::string vfs{};  // name of a registered SQLite VFS; empty: the system's
  /// Pages of the log after which it is copied into the database: 4 MiB, so that a page that many
  /// appends change is copied once for all of them.
  int checkpoint_pages = 1'000;
};

/// Names inside the data directory.
inline constexpr auto database_file_name = "persona.db";
inline constexpr auto lock_file_name = "persona.lock";

/// Opens the journal in `settings.directory`, after taking the directory's lock, which it holds
/// until it is destroyed. Creates the file, or brings an older one up to this version.
/// Blocks: milliseconds, after a crash up to about a second per 100,000 live runs.
/// @errors journal_unavailable with a detail that says what is wrong, where, and what to do:
///         directory not writable or not a directory, in use by another process (its number is
///         named), not a database, of another program, written by a newer version, damaged.
[[nodiscard]] result<std::unique_ptr<journal_store>>
open_sqlite_store(const sqlite_settings& settings);

}  // namespace persona_runtime
