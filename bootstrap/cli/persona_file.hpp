#pragma once

#include "domain/persona/parse_persona.hpp"

#include <filesystem>

namespace persona_runtime {

/// Reads and checks one persona file, at most 256 KiB. Blocks for the time of the read. A path
/// that leads to no file is persona_fault::not_found; the one problem then has no line.
[[nodiscard]] persona_outcome load_persona_file(const std::filesystem::path& file);

}  // namespace persona_runtime
