#pragma once
// All skills that an engine has, and which of them a persona gets.

#include "domain/skill/declared.hpp"
#include "domain/skill/skill.hpp"

#include <functional>
#include <map>

namespace persona_runtime {

/// Read once, then only looked at; any thread.
struct skill_shelf {
  std::map<std::string, skill_ptr, std::less<>> by_id;  // by directory; the skill's name may differ
  skill_catalog catalog;
};

using shelf_ptr = std::shared_ptr<const skill_shelf>;

struct persona_skills {
  skill_list skills;                 // in declared order
  std::vector<std::string> notices;  // for the log: what was left out and why
};

/// What a persona declares, as far as it is on the shelf: a skill that is not there, or has the
/// name of one before it, is left out with a notice. A tool that a skill needs and the persona may
/// not call is only noticed; `allowed` empty: nobody asks.
[[nodiscard]] persona_skills
select_skills(const std::vector<std::string>& declared, const skill_shelf& shelf,
              const std::function<bool(std::string_view tool)>& allowed = {});

/// For GET /v1/skills: every skill once, by name.
[[nodiscard]] skill_list all_skills(const skill_shelf& shelf);

}  // namespace persona_runtime
