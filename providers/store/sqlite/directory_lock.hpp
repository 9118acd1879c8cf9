#pragma once
// One process per data directory.

#include "domain/failure.hpp"

#include <filesystem>

namespace persona_runtime::sqlite {

/// Holds the lock file of a data directory. The system lets go of it when the process ends,
/// however it ends, so that a file left behind by a crash locks nobody out.
class directory_lock {
public:
  directory_lock() = default;
  directory_lock(directory_lock&& other) noexcept;
  directory_lock& operator=(directory_lock&& other) noexcept;
  ~directory_lock();

  /// Creates `directory` where needed and locks it. The lock file holds our process number, for
  /// whoever is refused. @errors journal_unavailable, with what to do
  [[nodiscard]] static result<directory_lock> take(const std::filesystem::path& directory,
                                                   const char* file_name);

private:
  explicit directory_lock(int file) : file_{file} {}
  int file_ = -1;
};

}  // namespace persona_runtime::sqlite
