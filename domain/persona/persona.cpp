#include "domain/persona/persona.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {

std::string_view name_of(visibility v) {
  constexpr std::array<std::string_view, 3> names{"private", "unlisted", "public"};
  return names.at(static_cast<std::size_t>(v));
}

std::string_view name_of(epistemic e) {
  constexpr std::array<std::string_view, 4> names{"fact", "belief", "hypothesis", "contested"};
  return names.at(static_cast<std::size_t>(e));
}

std::string_view name_of(autonomy a) {
  constexpr std::array<std::string_view, 3> names{"cautious", "balanced", "decisive"};
  return names.at(static_cast<std::size_t>(a));
}

std::string_view name_of(tier_wish t) {
  constexpr std::array<std::string_view, 4> names{"frontier", "mid", "small", "auto"};
  return names.at(static_cast<std::size_t>(t));
}

bool allows_all_tools(const persona& p) {
  return std::find(p.tools.begin(), p.tools.end(), "*") != p.tools.end();
}

bool allows_tool(const persona& p, std::string_view tool) {
  constexpr std::string_view mcp = "mcp:";
  return std::any_of(p.tools.begin(), p.tools.end(), [&](std::string_view entry) {
    if (entry == "*" || entry == tool)
      return true;
    bool is_server = entry.size() > mcp.size() && entry.starts_with(mcp)
                     && entry.find(':', mcp.size()) == std::string_view::npos;
    return is_server && tool.size() > entry.size() + 1 && tool.starts_with(entry)
           && tool[entry.size()] == ':';
  });
}

std::uint32_t question_cap(const persona& p) {
  switch (p.decides) {
  case autonomy::balanced:
    return 3;
  case autonomy::decisive:
    return 1;
  default:
    return 5;
  }
}

}  // namespace persona_runtime
