#pragma once
// What kind of thing a tool is, by its name alone: for badges and for what viewers read.

#include <string>
#include <string_view>

namespace persona_runtime {

/// "builtin", "skill", "mcp:builtin" or "mcp:optional" (spec §14.4). Knows every name.
[[nodiscard]] std::string_view tool_kind(std::string_view name);

/// "tool", "web", "sandbox", "imagegen", "skill" or "mcp" (spec §14.3).
[[nodiscard]] std::string_view activity_kind(std::string_view name);

/// A short English phrase for viewers: "Searching the web", "Using calculator".
[[nodiscard]] std::string activity_label(std::string_view name);

}  // namespace persona_runtime
