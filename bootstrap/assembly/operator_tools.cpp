#include "bootstrap/assembly/operator_tools.hpp"

#include "domain/tool/arguments.hpp"
#include "providers/tools/outside/command_tool.hpp"
#include "providers/tools/outside/http_tool.hpp"

#include <filesystem>
#include <utility>

extern char** environ;

namespace persona_runtime {
namespace {

using tool_result_of = result<std::shared_ptr<tool_body>>;

constexpr auto no_arguments = R"({"type":"object","properties":{},"additionalProperties":false})";

tool_effect effect_of(const std::string& name) {
  if (name == "read_only")
    return tool_effect::read_only;
  return name == "idempotent" ? tool_effect::idempotent : tool_effect::side_effect;
}

tool_definition definition_of(const tool_setting& tool, const timeout_settings& timeouts) {
  auto out = tool_definition{};
  out.name = tool.name;
  out.description = tool.description;
  out.parameters = tool.parameters.text.empty() ? no_arguments : tool.parameters.text;
  out.effect = effect_of(tool.effect);
  out.exclusive = tool.exclusive;
  out.timeout = tool.timeout.value_or(timeouts.tool);
  return out;
}

failure refused(const tool_setting& tool, const std::string& why) {
  return {errc::validation_error, "tool " + tool.name + ": " + why};
}

tool_result_of make_command(const tool_setting& tool, tool_definition definition,
                            const tool_surroundings& around) {
  auto config = command_tool_config{};
  config.argv = tool.command;
  config.sandbox = tool.sandbox == "none" ? sandbox_mode::none : sandbox_mode::strict;
  config.environment = tool_environment(environ);
  config.hidden = {std::filesystem::absolute(around.data).string()};
  if (const auto ready = command_tool_ready(config, *around.processes); !ready)
    return refused(tool, ready.error().detail);
  return make_command_tool(std::move(definition), std::move(config), *around.processes);
}

tool_result_of make_one(const tool_setting& tool, const timeout_settings& timeouts,
                        const tool_surroundings& around) {
  auto definition = definition_of(tool, timeouts);
  if (const auto report = check_schema(definition.parameters); !report.problems.empty())
    return refused(tool, "parameters: " + report.problems.front());
  if (tool.kind == "command")
    return make_command(tool, std::move(definition), around);
  if (tool.kind == "http")
    return make_http_tool(std::move(definition), tool.url.value_or(""), *around.client);
  return refused(tool, "kind " + tool.kind + " is not built yet; use http or command");
}

}  // namespace

result<std::vector<std::shared_ptr<tool_body>>>
make_operator_tools(const settings& set, const tool_surroundings& around) {
  auto tools = std::vector<std::shared_ptr<tool_body>>{};
  for (const auto& tool : set.tools) {
    auto made = make_one(tool, set.timeouts, around);
    if (!made)
      return made.error();
    tools.push_back(checked_tool(std::move(*made), around.pool));
  }
  return tools;
}

}  // namespace persona_runtime
