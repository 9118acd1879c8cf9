#pragma once
// A disk in memory for SQLite that fails, fills up and loses power when a test says so.

#include <cstdint>
#include <memory>
#include <string>

namespace persona_runtime::testing {

/// Registers itself with SQLite under `name()` and outlives every connection that uses it.
/// Operations are opening, reading, writing, truncating, syncing, measuring, deleting and looking
/// for a file, and mapping shared memory. Any thread may use it: one lock guards all.
///
/// What it knows of durability: a write is kept by a loss of power when the file was synced after
/// it; before that, chance decides for each write, and for each 512 bytes of it. That a file was
/// created or deleted is kept at once.
class crash_vfs {
public:
  crash_vfs();
  ~crash_vfs();
  crash_vfs(const crash_vfs&) = delete;
  crash_vfs& operator=(const crash_vfs&) = delete;

  [[nodiscard]] const std::string& name() const;
  /// So far, failed ones included.
  [[nodiscard]] std::uint64_t operations() const;

  /// The n-th operation from now on fails, once; n from 1. 0: none.
  void fail_nth(std::uint64_t n);
  /// Whether that operation has come.
  [[nodiscard]] bool has_failed() const;
  /// Every sync fails until told otherwise.
  void fail_syncs(bool now);
  /// While full, a write that makes a file longer fails as a full disk does.
  void fill(bool now);

  /// From the n-th operation on, all fail, as if the process were gone; n from 1.
  void stop_at(std::uint64_t n);
  /// The process is gone and its connections are closed: what was written stays.
  void lose_process();
  /// The machine is gone: what was not synced is lost, or partly kept as `seed` decides.
  void lose_power(std::uint64_t seed);

  /// The bytes of a file, to look at or to damage; empty when there is none.
  [[nodiscard]] std::string bytes_of(const std::string& path) const;
  void overwrite(const std::string& path, std::string bytes);

  struct disk;

private:
  std::unique_ptr<disk> disk_;
};

}  // namespace persona_runtime::testing
