#pragma once
// What events may show of a call's arguments: short, and without what looks like a secret.

#include <map>
#include <string>
#include <string_view>

namespace persona_runtime {

inline constexpr std::string_view redacted_mark = "‹redacted›";

/// The arguments as a flat map for people, from the text of one JSON object. A value whose key
/// sounds like a secret ("api_key", "Authorization", "max_tokens", at any depth) is replaced by
/// the mark; other values are texts, or JSON with sorted keys, cut to 120 characters. When the
/// whole map takes more than 512 characters as JSON, its longest values are left out and a key
/// "…" says so. Values themselves are not searched for secrets. Text that is no JSON object, or
/// nested deeper than 64 levels, gives an empty map.
[[nodiscard]] std::map<std::string, std::string> redacted_arguments(std::string_view arguments);

}  // namespace persona_runtime
