#pragma once
// Walks from a root to a file without ever being led out, whatever others do to the tree meanwhile.

#include "domain/tool/sandbox_path.hpp"
#include "providers/tools/outside/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace persona_runtime {

/// A file by the open directory that holds it. `name` is no link when it was looked at; whoever
/// opens it must not follow one that has taken its place since.
struct located_file {
  unique_fd directory;
  std::string name;
};

/// An error of the operating system, and on what.
struct file_problem {
  int code = 0;  // errno
  std::string name;
};

using located = std::variant<located_file, path_violation, file_problem>;

/// How single names are opened. `plain` is for kernels before 5.6 and for sandboxes that refuse
/// openat2; it is chosen by itself.
enum class open_method : std::uint8_t { automatic, plain };

struct walk_options {
  bool creates_directories = false;  // missing ones on the way, the root too; mode 0700
  open_method method = open_method::automatic;
};

/// Finds the file that `path` names under `root` (an absolute path, may be a link; empty: no
/// scope). Links on the way and at the end are followed one name at a time, each name in the
/// directory that is open already, and only while they stay under the root. Nothing is created
/// unless asked for, and the file itself never.
[[nodiscard]] located locate(const std::string& root, std::string_view path, walk_options options);

/// Opens a name in a directory; never follows a link (ELOOP). -1 and errno as open(2).
[[nodiscard]] unique_fd open_name(const unique_fd& directory, const std::string& name, int flags,
                                  open_method method, unsigned mode = 0);

}  // namespace persona_runtime
