#include "domain/run/spec.hpp"

#include <algorithm>

namespace persona_runtime {

const tool_definition* run_setup::find_tool(std::string_view name) const {
  const auto i = std::ranges::lower_bound(tools, name, {}, &tool_definition::name);
  return i != tools.end() && i->name == name ? &*i : nullptr;
}

bool run_setup::is_allowed(std::string_view name) const {
  return allows_all || std::ranges::binary_search(allowed, name);
}

}  // namespace persona_runtime
