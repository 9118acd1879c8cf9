#pragma once
// What reading the configuration again changes, and what it cannot change.

#include "bootstrap/settings/configuration.hpp"

#include <string>
#include <vector>

namespace persona_runtime {

/// Keys whose values differ from those that the process was started with and that only a restart
/// brings into force; sorted, each once. Tiers, models, prices and the time limits of model calls
/// are not among them. Keys of secrets are named, their values are not.
[[nodiscard]] std::vector<std::string> needing_restart(const loaded_settings& started,
                                                       const loaded_settings& fresh);

/// Why `fresh` must not take the place of `running`: everything that would stop a start, and the
/// problems of tiers that work now and would be off; also that no tier would be left, as of a file
/// that is still being written. Empty: it may.
[[nodiscard]] std::vector<config_problem> against_reload(const model_setup& running,
                                                         const configuration& fresh);

}  // namespace persona_runtime
