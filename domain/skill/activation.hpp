#pragma once
// Which skills are active in a turn or run, and what the model gets to read of them (spec runtime
// §7.3, §7.4, §7.5; persona-tools §15.8).

#include "domain/skill/skill.hpp"
#include "domain/skill/skill_texts.hpp"

#include <functional>
#include <map>

namespace persona_runtime {

/// The skills that are active, oldest first. Lives as long as the turn or the run.
struct skill_chain {
  std::vector<std::string> names;
  std::uint32_t tokens_used = 0;
  bool budget_exceeded = false;  // some skill was left out for want of room
  friend bool operator==(const skill_chain&, const skill_chain&) = default;
};

enum class skill_outcome : std::uint8_t { active, not_approved, cycle, too_deep, over_budget };

/// "active", "not_approved", …
[[nodiscard]] std::string_view name_of(skill_outcome o);

struct skill_rules {
  const skill_texts& texts;
  std::uint32_t depth_max = 3;
  std::uint32_t tokens_max = skill_budget_default;  // of all active skills together
};

struct activation {
  skill_outcome outcome = skill_outcome::active;
  std::string text;          // active: the envelope; else a note for the model
  std::uint32_t tokens = 0;  // that the body took from the budget
  bool complete = true;      // the body was not cut
};

/// Tries to make `s` active: consent first, then whether it is active already, how many there are,
/// and whether its whole body fits beside the others; the first one always does, cut if need be.
/// Changes the chain only when the skill becomes active, or for want of room. `approved` only
/// matters for skills that are not trusted. `nonce` (see in_envelope) is asked only for a skill
/// that becomes active.
[[nodiscard]] activation activate(skill_chain& chain, const skill& s, bool approved,
                                  const std::function<std::string()>& nonce,
                                  const skill_rules& rules);
[[nodiscard]] activation activate(skill_chain& chain, const skill& s, bool approved,
                                  std::string_view nonce, const skill_rules& rules);

/// What a run appends behind the results of the step: for an active skill its name, the preamble
/// and the envelope; else the note.
[[nodiscard]] std::string skill_message(const activation& a, const skill& s,
                                        const skill_texts& texts);

/// Section 7 of a chat's prompt: the preamble once, and the envelopes of all active skills.
[[nodiscard]] std::string active_skills_text(const std::vector<std::string>& envelopes,
                                             const skill_texts& texts);

/// What the audit log keeps: action "skill_injected" or "skill_refused" (empty: nothing to log),
/// and its metadata.
struct skill_audit {
  std::string action;
  std::map<std::string, std::string> metadata;
};
[[nodiscard]] skill_audit audit_of(const activation& a, const skill& s);

/// Where a skill's supplements are put before the next code execution, relative to the workspace:
/// ".skills/NAME/supplements/FILE", by name.
[[nodiscard]] std::vector<skill_supplement> staged_supplements(const skill& s);

}  // namespace persona_runtime
