#include "domain/tool/toolbox.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

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

}  // namespace persona_runtime
