#include "domain/conversation/refusal.hpp"

#include "domain/text/shown_text.hpp"

#include <algorithm>

namespace persona_runtime {

std::vector<std::string> refused_tools(std::string_view text,
                                       const std::vector<std::string>& available,
                                       const refusal_table& table) {
  auto out = std::vector<std::string>{};
  if (text.empty())
    return out;
  const auto folded = folded_text{first_characters(text, judged_characters_max)};
  for (const auto& tool : available) {
    const auto refuses = std::any_of(table.begin(), table.end(), [&](const auto& row) {
      return row.tool == tool && row.text.find(folded).has_value();
    });
    if (refuses && std::find(out.begin(), out.end(), tool) == out.end())
      out.push_back(tool);
  }
  return out;
}

}  // namespace persona_runtime
