#pragma once
// The operator's own tools (`tools:` of the configuration).

#include "bootstrap/settings/settings.hpp"
#include "domain/failure.hpp"
#include "providers/http/http_client.hpp"
#include "providers/tools/checked_tool.hpp"
#include "providers/tools/outside/process_runner.hpp"

#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

/// All outlive the tools.
struct tool_surroundings {
  http_client* client = nullptr;
  process_runner* processes = nullptr;
  std::shared_ptr<worker_pool> pool;
  std::string data;  // hidden from strict tools
};

/// Fails with validation_error: names the tool and what to do (a schema that is none, a strict tool
/// without bubblewrap, a kind that is not built).
[[nodiscard]] result<std::vector<std::shared_ptr<tool_body>>>
make_operator_tools(const settings& set, const tool_surroundings& around);

}  // namespace persona_runtime
