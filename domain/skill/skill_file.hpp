#pragma once
// Reads SKILL.md: YAML between two lines of three dashes, then the body.

#include "domain/skill/skill.hpp"

#include <boost/system/result.hpp>

#include <functional>

namespace persona_runtime {

/// Why a file is no skill, so that its author can mend it. The name of a fault is "SkillManifest"
/// whatever it is; `reason` is only set for text that is no YAML, at most 200 characters.
struct skill_fault {
  std::string text;  // what is wrong and what to do; English, one line
  std::string path;  // of the file
  std::string reason;
  friend bool operator==(const skill_fault&, const skill_fault&) = default;
};

struct skill_source {
  std::string_view id;    // of the directory: the name, when the file has none
  std::string_view path;  // of the file, for messages
  skill_trust trust = skill_trust::builtin;
  std::string_view source;  // "builtin", "operator", "untrusted"
};

struct front_matter {
  std::string yaml;
  std::string body;  // as it stands, but with LF for CRLF
};

/// The front matter must begin in the first line (a byte order mark is passed over) and ends with
/// the first line that is exactly "---".
[[nodiscard]] boost::system::result<front_matter, skill_fault>
split_front_matter(std::string_view file, std::string_view path);

/// The record of a skill without its hash, token count and supplements. Keys that are not known
/// are ignored; a `metadata` that is no mapping too. Trust and source are what the caller says.
[[nodiscard]] boost::system::result<skill, skill_fault> parse_skill(std::string_view file,
                                                                    const skill_source& from);

/// Whether a name can be a directory and an argument: 1..64 of a-z A-Z 0-9 _ -.
[[nodiscard]] bool is_skill_name(std::string_view name);

}  // namespace persona_runtime
