#include "domain/skill/skill_shelf.hpp"

#include "domain/yaml/problem.hpp"

#include <algorithm>

namespace persona_runtime {

persona_skills select_skills(const std::vector<std::string>& declared, const skill_shelf& shelf,
                             const std::function<bool(std::string_view tool)>& allowed) {
  auto expanded = expand_declared(declared, shelf.catalog);
  auto out = persona_skills{{}, std::move(expanded.notices)};
  for (const auto& id : expanded.ids) {
    const auto found = shelf.by_id.find(id);
    if (found == shelf.by_id.end()) {
      out.notices.push_back("there is no skill " + in_quotes(id) + "; the persona goes without it");
      continue;
    }
    const auto& s = found->second;
    if (find_skill(out.skills, s->name) != nullptr) {
      out.notices.push_back("two skills are called " + in_quotes(s->name) + "; the one in "
                            + in_quotes(id) + " is left out");
      continue;
    }
    for (const auto& tool : s->tools_required) {
      if (allowed && !allowed(tool))
        out.notices.push_back("the skill " + in_quotes(s->name) + " needs the tool "
                              + in_quotes(tool) + ", which the persona may not call");
    }
    out.skills.push_back(s);
  }
  return out;
}

skill_list all_skills(const skill_shelf& shelf) {
  auto out = skill_list{};
  for (const auto& [id, s] : shelf.by_id)
    out.push_back(s);
  std::ranges::sort(out, {}, [](const skill_ptr& s) { return std::string_view{s->name}; });
  return out;
}

}  // namespace persona_runtime
