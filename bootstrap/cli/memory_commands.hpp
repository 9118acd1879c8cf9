#pragma once
// The commands `persona memory ...` and `persona audit`, as options of the program.

#include "bootstrap/cli/runs_command.hpp"
#include "bootstrap/settings/configuration.hpp"

#include <functional>
#include <optional>

namespace CLI {
class App;
}

namespace persona_runtime::cli {

/// Adds both. `load` reads the configuration, and says why when it cannot; it is asked only when no
/// server is named. `usual` is how a server is reached but for its address and key file. `code`
/// becomes the exit code and outlives the program's options.
void add_memory_commands(CLI::App& app, std::function<std::optional<configuration>()> load,
                         const runs_options& usual, int& code);

}  // namespace persona_runtime::cli
