#include "domain/tool/kinds.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr std::string_view mcp_prefix = "mcp:";
constexpr auto authored_servers =
  std::array<std::string_view, 3>{"time", "calculator", "filesystem"};

bool is_mcp(std::string_view name) {
  return name.starts_with(mcp_prefix);
}

std::string_view server_of(std::string_view name) {
  name.remove_prefix(mcp_prefix.size());
  return name.substr(0, name.find(':'));
}

}  // namespace

std::string_view tool_kind(std::string_view name) {
  if (name == "use_skill")
    return "skill";
  if (!is_mcp(name))
    return "builtin";
  const auto server = server_of(name);
  const auto* end = authored_servers.end();
  return std::find(authored_servers.begin(), end, server) == end ? "mcp:optional" : "mcp:builtin";
}

std::string_view activity_kind(std::string_view name) {
  if (is_mcp(name))
    return "mcp";
  if (name == "use_skill")
    return "skill";
  if (name == "web_search" || name == "web_fetch")
    return "web";
  if (name == "code_execution")
    return "sandbox";
  return name == "generate_image" ? "imagegen" : "tool";
}

std::string activity_label(std::string_view name) {
  const auto kind = activity_kind(name);
  if (kind == "skill")
    return "Using a skill";
  if (kind == "web")
    return "Searching the web";
  if (kind == "sandbox")
    return "Running code";
  if (kind == "imagegen")
    return "Creating an image";
  if (kind == "mcp" && server_of(name).empty())
    return "Using an MCP server";
  return "Using " + std::string{kind == "mcp" ? server_of(name) : name};
}

}  // namespace persona_runtime
