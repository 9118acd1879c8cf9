#pragma once
// From what a persona declares to the ids of skills.

#include "domain/failure.hpp"

#include <map>
#include <string>
#include <vector>

namespace persona_runtime {

/// Which skills a collection stands for.
struct skill_catalog {
  std::vector<std::string> skills;  // ids
  std::map<std::string, std::vector<std::string>> collections;
  std::map<std::string, std::string> retired;  // an old id and what stands for it now
};

/// The catalog of config/skills/catalog.yaml. Fails with validation_error; a collection that is
/// named like a skill is a failure whose detail begins with "SkillNameCollision".
[[nodiscard]] result<skill_catalog> parse_skill_catalog(std::string_view yaml);

struct declared_skills {
  std::vector<std::string> ids;      // each once, where it came first
  std::vector<std::string> notices;  // for the log: what was skipped or replaced
};

/// "collection:NAME" becomes its members, "skill:ID" the id; then retired ids are replaced. Unknown
/// collections and members are skipped with a notice.
[[nodiscard]] declared_skills expand_declared(const std::vector<std::string>& declared,
                                              const skill_catalog& catalog);

}  // namespace persona_runtime
