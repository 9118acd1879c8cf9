#pragma once
// The commands `persona explain message` and `persona explain route`, as options of the program.

#include "bootstrap/settings/configuration.hpp"

#include <functional>
#include <optional>

namespace CLI {
class App;
}

namespace persona_runtime::cli {

/// Adds both to `explain`. `load` reads the configuration, and says why when it cannot; `code`
/// becomes the exit code and outlives the program's options.
void add_explain_rules(CLI::App& explain, std::function<std::optional<configuration>()> load,
                       int& code);

}  // namespace persona_runtime::cli
