#pragma once
#include "providers/tools/outside/command_tool.hpp"

#include <string>
#include <vector>

namespace persona_runtime {

/// What runs `config.argv` in `workspace`, in its sandbox. An empty workspace: a strict tool starts
/// in its private /tmp.
[[nodiscard]] std::vector<std::string> sandboxed_argv(const command_tool_config& config,
                                                      const std::string& workspace);

/// The environment that goes with it.
[[nodiscard]] std::vector<std::string> sandboxed_environment(const command_tool_config& config);

}  // namespace persona_runtime
