#pragma once

#include "domain/persona/parse_persona.hpp"

#include <filesystem>
#include <string>

namespace persona_runtime {

/// What a persona file holds.
struct persona_source {
  std::string text;
  loaded_persona persona;
};

/// Reads and checks one persona file, at most 256 KiB. Blocks for the time of the read. A path
/// that leads to no file is persona_fault::not_found; the one problem then has no line.
[[nodiscard]] boost::system::result<persona_source, persona_rejection>
read_persona_file(const std::filesystem::path& file);

/// The same without the text.
[[nodiscard]] persona_outcome load_persona_file(const std::filesystem::path& file);

}  // namespace persona_runtime
