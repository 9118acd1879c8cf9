#pragma once
// Reads skills from directories: ROOT/ID/SKILL.md and ROOT/ID/supplements/*.md.

#include "domain/prompt/section.hpp"
#include "domain/skill/skill_shelf.hpp"

#include <string>
#include <vector>

namespace persona_runtime {

struct skill_root {
  std::string path;  // absolute
  skill_trust trust = skill_trust::third_party;
  std::string source;  // who answers for it: "builtin", "operator", "untrusted"
};

struct found_skills {
  skill_shelf shelf;                 // its catalog is empty
  std::vector<std::string> notices;  // for the log: what was left out and why
};

/// Reads every skill under the roots. In two roots the same id: the first one counts, with a
/// notice. A root that is not there is passed over; whatever is wrong with one skill costs only
/// that skill, with a notice. Links are followed while they stay under the root of the skill.
///
/// Bounds: 1,000 skills in a root; SKILL.md and each supplement 256 KiB, 64 supplements of a skill.
/// Blocks on the disk; for start-up.
[[nodiscard]] found_skills read_skills(const std::vector<skill_root>& roots,
                                       const text_counter& count);

}  // namespace persona_runtime
