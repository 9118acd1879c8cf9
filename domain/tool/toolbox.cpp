#include "domain/tool/toolbox.hpp"

#include "domain/text/joined.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/tool/result_bounds.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::size_t name_points_max = 128;
constexpr std::string_view any_tool = "*";

bool by_name(const tool_definition& a, const tool_definition& b) {
  return a.name < b.name;
}

bool same_name(const tool_definition& a, const tool_definition& b) {
  return a.name == b.name;
}

}  // namespace

result<toolbox> toolbox::make(std::vector<tool_definition> registered, const allow_list& allowed,
                              const std::vector<std::string>& granted) {
  std::sort(registered.begin(), registered.end(), by_name);
  const auto twice = std::adjacent_find(registered.begin(), registered.end(), same_name);
  if (twice != registered.end())
    return failure{errc::validation_error,
                   "two tools are called '" + twice->name + "'; rename or remove one of them"};
  auto made = toolbox{};
  made.allows_all_ = !allowed;
  if (allowed)
    made.allowed_.insert(allowed->begin(), allowed->end());
  made.allows_all_ = made.allows_all_ || made.allowed_.contains(any_tool);
  made.allowed_.insert(granted.begin(), granted.end());
  std::erase_if(registered, [&](const auto& tool) { return !made.is_allowed(tool.name); });
  made.offered_ = std::make_shared<const std::vector<tool_definition>>(std::move(registered));
  return made;
}

std::vector<std::string> toolbox::names() const {
  auto names = std::vector<std::string>{};
  names.reserve(offered_->size());
  for (const auto& tool : *offered_)
    names.push_back(tool.name);
  return names;
}

const tool_definition* toolbox::find(std::string_view name) const {
  const auto found =
    std::lower_bound(offered_->begin(), offered_->end(), name,
                     [](const tool_definition& tool, std::string_view n) { return tool.name < n; });
  return found != offered_->end() && found->name == name ? &*found : nullptr;
}

bool toolbox::is_allowed(std::string_view name) const {
  return allows_all_ || allowed_.contains(name);
}

tool_verdict toolbox::verdict(std::string_view name) const {
  if (!is_allowed(name))
    return tool_verdict::not_allowed;
  return find(name) == nullptr ? tool_verdict::not_registered : tool_verdict::runs;
}

namespace {

std::string not_registered(const std::string& name) {
  return "tool allowed but not registered [name=" + name + " reason=not_registered]";
}

}  // namespace

std::string not_allowed_text(std::string_view called, const std::vector<std::string>& names) {
  auto text = "Tool '" + printable(called, name_points_max) + "' is not available. ";
  if (names.empty())
    return text + "No tools are available.";
  return text + "Available tools: " + joined(names, ", ");
}

std::string not_registered_text(std::string_view called) {
  const auto name = printable(called, name_points_max);
  return "Tool '" + name + "' failed: " + not_registered(name);
}

std::string cut_off_text(std::string_view called) {
  const auto name = called.empty() ? std::string{"tool"} : printable(called, name_points_max);
  return "Your call of " + name
         + " was cut off: its arguments outgrew the room that a reply has. Nothing was run and "
           "nothing was changed. Call it again with less content, or split the work into several "
           "smaller calls.";
}

std::optional<tool_result> refused_call(const toolbox& tools, const tool_call& call) {
  if (call.truncated)
    return error_result(cut_off_text(call.name));
  switch (tools.verdict(call.name)) {
  case tool_verdict::runs:
    return std::nullopt;
  case tool_verdict::not_allowed:
    return error_result(not_allowed_text(call.name, tools.names()));
  case tool_verdict::not_registered:
    break;
  }
  return error_result(not_registered_text(call.name));
}

tool_refusal refusal_of(const toolbox& tools, std::string_view called) {
  return refusal_of(tools.verdict(called), called, tools.names());
}

tool_refusal refusal_of(tool_verdict why, std::string_view called,
                        const std::vector<std::string>& names) {
  const auto name = printable(called, name_points_max);
  if (why == tool_verdict::not_registered)
    return {"ToolExecutionError", not_registered(name)};
  return {"ToolNotAllowedError",
          "tool not allowed [called=" + name + " allowed=" + joined(names, ", ") + "]"};
}

}  // namespace persona_runtime
