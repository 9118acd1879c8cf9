#pragma once

#include "bootstrap/engine.hpp"
#include "bootstrap/persona_folders.hpp"
#include "bootstrap/settings/build_models.hpp"

#include <vector>

namespace persona_runtime {

/// Stores the personas that were read from folders, as far as they are new or have changed, and
/// says which those are. A document that the engine refuses is a warning. Blocks for one commit
/// per persona that is stored. Fails with journal_unavailable.
[[nodiscard]] result<std::vector<config_notice>> keep_personas(engine& host, folder_reading read);

}  // namespace persona_runtime
