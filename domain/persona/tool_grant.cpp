#include "domain/persona/tool_grant.hpp"

#include "domain/persona/list_entry.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/persona/persona_json.hpp"

namespace persona_runtime {

std::string with_tool(std::string_view text, const persona& p, std::string_view tool) {
  if (allows_tool(p, tool))
    return std::string{text};
  auto wanted = p;
  wanted.tools.emplace(wanted.tools.begin(), tool);
  if (auto inserted = with_list_entry(text, "", "tools", tool)) {
    auto read = parse_persona(*inserted);
    if (read && *read->value == wanted)
      return std::move(*inserted);
  }
  return to_json(wanted);
}

}  // namespace persona_runtime
