#pragma once
// Consent to the use of a skill that nobody vouches for. It is given for one persona and one exact
// content: whatever changes in the skill, the consent no longer fits.

#include "domain/ids.hpp"
#include "domain/skill/skill.hpp"

#include <functional>
#include <string>

namespace persona_runtime {

/// What somebody said about one content of a skill; kept with the persona.
struct skill_consent {
  persona_id persona;
  std::string skill;
  std::string content_hash;
  bool granted = false;
  owner_id by;
  instant at;
  friend bool operator==(const skill_consent&, const skill_consent&) = default;
};

/// Whether that consent was given. Where none is configured, the answer is no.
using consent_source = std::function<bool(const persona_id& persona, std::string_view skill,
                                          std::string_view content_hash)>;

/// Trusted skills need no consent, and then nobody is asked for it.
[[nodiscard]] bool is_approved(const skill& s, const persona_id& persona,
                               const consent_source& consents);

}  // namespace persona_runtime
