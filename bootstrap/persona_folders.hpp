#pragma once
// The setting personas.dirs: folders in which an operator keeps personas as files.

#include "domain/failure.hpp"
#include "domain/ids.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime {

/// A persona that is kept in a file.
struct folder_persona {
  std::filesystem::path file;
  persona_id id;   // the same at every start; see id_of_file_persona
  owner_id owner;  // the document's owner_id, else "local-owner"
  std::string yaml;
};

struct folder_reading {
  std::vector<folder_persona> personas;  // by folder, then by file name
  std::vector<std::string> warnings;     // files that were left out, and why; a line each
};

inline constexpr std::size_t persona_files_max = 10'000;  // of all folders

/// Reads what ends in .yaml or .yml and lies directly in one of the folders; names that begin with
/// a dot are passed over. Symbolic links are followed, since that is how orchestrators lay files
/// down, but only to regular files. A file with a mistake is left out with a warning, as is one
/// that says it is a persona that an earlier file is. Blocks for the time of the reads.
/// Fails with validation_error, naming the folder: it cannot be read, or the files are too many.
[[nodiscard]] result<folder_reading> read_persona_folders(std::span<const std::string> folders);

}  // namespace persona_runtime
