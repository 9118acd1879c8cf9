#include "providers/store/sqlite/directory_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace persona_runtime::sqlite {
namespace {

namespace fs = std::filesystem;

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

failure refused(const fs::path& where, const std::string& why) {
  auto detail = "data directory " + where.string() + ": " + why;
  if (detail.size() > 512)
    detail.resize(512);
  return {errc::journal_unavailable, std::move(detail)};
}

std::string holder_of(int file) {
  char text[32] = {};
  const auto size = ::pread(file, text, sizeof text - 1, 0);
  auto number = std::string{};
  for (auto i = ssize_t{0}; i < size && text[i] >= '0' && text[i] <= '9'; ++i)
    number += text[i];
  return number.empty() ? "another process" : "process " + number;
}

void write_holder(int file) {
  // Only for people to read: without it the lock holds just as well.
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(file, text.data(), text.size(), 0);
}

void sync_directory(const fs::path& directory) {
  // Best effort: some file systems cannot, and then there is nothing better.
  const auto file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return;
  ::fsync(file);
  ::close(file);
}

/// A directory is as durable as its entry in its parent, so each new one's parent is synced.
std::error_code create_with_parents(const fs::path& directory) {
  auto missing = std::error_code{};
  if (fs::is_directory(directory, missing))
    return {};
  const auto parent = directory.parent_path();
  if (!parent.empty() && parent != directory) {
    if (const auto error = create_with_parents(parent))
      return error;
  }
  auto error = std::error_code{};
  fs::create_directory(directory, error);
  if (!error)
    sync_directory(parent.empty() ? "." : parent);
  return error;
}

}  // namespace

directory_lock::directory_lock(directory_lock&& other) noexcept
  : file_{std::exchange(other.file_, -1)} {
}

directory_lock& directory_lock::operator=(directory_lock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

directory_lock::~directory_lock() {
  if (file_ >= 0)
    ::close(file_);
}

result<directory_lock> directory_lock::take(const fs::path& directory, const char* file_name) {
  if (directory.empty())
    return refused(directory, "its name is empty; name a directory");
  auto unknown = std::error_code{};
  if (fs::exists(directory, unknown) && !fs::is_directory(directory, unknown))
    return refused(directory, "it is not a directory; choose another one");
  if (const auto error = create_with_parents(directory)) {
    return refused(directory, "it cannot be created (" + error.message()
                                + "); choose another one, or let this user write there");
  }
  const auto path = directory / file_name;
  const auto file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) {
    return refused(directory, "it cannot be written (" + reason_of(errno)
                                + "); choose another one, or let this user write there");
  }
  auto lock = directory_lock{file};
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
    write_holder(file);
    return lock;
  }
  if (errno != EWOULDBLOCK) {
    return refused(directory, "it cannot be locked (" + reason_of(errno)
                                + "); its file system may not support locks");
  }
  return refused(directory, holder_of(file)
                              + " uses it; stop that one first, or choose another "
                                "data directory");
}

}  // namespace persona_runtime::sqlite
