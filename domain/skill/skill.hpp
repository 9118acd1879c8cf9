#pragma once
// A skill: a written-down way of doing something, which a model can call up while it works.

#include "domain/text/shared_text.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Where a skill comes from, never what its file says of itself. `community` and `third_party`
/// are used only with a person's consent.
enum class skill_trust : std::uint8_t { builtin, vetted, community, third_party };

/// "builtin", "vetted", "community", "third_party".
[[nodiscard]] std::string_view name_of(skill_trust t);

/// Whether a skill of that trust is used without asking.
[[nodiscard]] bool is_trusted(skill_trust t);

/// A file that comes with a skill.
struct skill_supplement {
  std::string file;  // "checklist.md": a plain name
  shared_text text;
  friend bool operator==(const skill_supplement&, const skill_supplement&) = default;
};

/// A body as a model reads it.
struct fitted_skill {
  shared_text text;
  std::uint32_t tokens = 0;
  bool complete = true;  // word for word
  friend bool operator==(const fitted_skill&, const fitted_skill&) = default;
};

struct skill {
  std::string name;         // 1..64 of a-z A-Z 0-9 _ -
  std::string description;  // one line, not empty
  std::string when_to_use;  // one line; empty: no hint
  std::vector<std::string> tools_required;
  shared_text content;               // the body
  std::uint32_t content_tokens = 0;  // of the whole body
  fitted_skill alone;                // the body within the skill's own budget (skill_fit.hpp)
  std::string parameters;            // text of a JSON Schema of type object; empty: takes anything
  std::vector<std::string> not_for;
  std::vector<std::string> composes_with;
  std::string output_format;
  std::optional<std::uint32_t> token_budget;  // at least 1; none: skill_budget_default
  skill_trust trust = skill_trust::builtin;
  std::string source = "builtin";  // who answers for it: "builtin", "operator", "untrusted"
  std::string content_hash;  // SHA-256 in hex of all that its author wrote: consent binds to it
  std::vector<skill_supplement> supplements;  // *.md, by name
  friend bool operator==(const skill&, const skill&) = default;
};

using skill_ptr = std::shared_ptr<const skill>;

/// The skills of one persona in the order in which it declares them; no name twice.
using skill_list = std::vector<skill_ptr>;

[[nodiscard]] skill_ptr find_skill(const skill_list& skills, std::string_view name);

/// Tokens of one skill, and of all skills that are active at once, unless a skill says otherwise.
inline constexpr std::uint32_t skill_budget_default = 2'000;

}  // namespace persona_runtime
