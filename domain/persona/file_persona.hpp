#pragma once

#include "domain/ids.hpp"

#include <string_view>

namespace persona_runtime {

/// The id of a persona that is kept in a file: made of its owner and of the name that its document
/// (or else its file) gives it, so that a file is the same persona at every start, wherever it
/// lies and whatever else is written in it. Looks like any other id.
[[nodiscard]] persona_id id_of_file_persona(const owner_id& owner, std::string_view name);

}  // namespace persona_runtime
