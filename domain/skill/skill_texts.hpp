#pragma once
// What the runtime says to a model about skills. Our wording: config/prompts/.

#include <string>

namespace persona_runtime {

/// {skill} is the name of the skill.
struct skill_texts {
  std::string index_heading;
  std::string activated;     // {skill}; stands above the skill in a run
  std::string preamble;      // what an envelope of a skill may do, and may not
  std::string not_approved;  // {skill}
  std::string cycle;         // {skill}
  std::string too_deep;      // {skill}, {max}
  std::string over_budget;   // {skill}
  friend bool operator==(const skill_texts&, const skill_texts&) = default;
};

}  // namespace persona_runtime
