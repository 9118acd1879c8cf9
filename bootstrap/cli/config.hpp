#pragma once
// `persona config explain` and `persona config check`.

#include "bootstrap/settings/configuration.hpp"

#include <iosfwd>

namespace persona_runtime::cli {

/// Prints every key with its value, where that came from, type, range, default and meaning, then
/// the models and the data files. Secrets are ***. Returns the exit code: 0, or 1 when there are
/// problems, which go to `err`.
int explain_config(const configuration& config, std::ostream& out, std::ostream& err);

/// Prints the problems, those of tiers that are off too, one a line, to `err`, or one line that all
/// is well to `out`. Returns the exit code, 1 or 0.
int check_config(const configuration& config, std::ostream& out, std::ostream& err);

}  // namespace persona_runtime::cli
