#pragma once
// Which paths a file tool may be given (spec §12.2). Pure: links are another matter, for which the
// file system has to be asked.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

enum class path_reason : std::uint8_t {
  null_byte,
  too_long,
  mixed_separators,
  empty,
  absolute,
  root_reference,
  escape,
  no_scope,
};

/// "null_byte", "too_long", …
[[nodiscard]] std::string_view token_of(path_reason reason);

struct path_violation {
  path_reason reason;
  std::string requested;  // printable, at most 120 characters
  std::string resolved;   // likewise; where it leads, for `escape`
};

/// What was wrong, [reason=…], and how to do it right.
[[nodiscard]] std::string message_of(const path_violation& violation);

/// The names on the way from the root, without "." and ".."; at least one.
using path_names = std::vector<std::string>;

/// Checks a path as text, in this order: NUL, over 4096 characters, backslash, blank, absolute,
/// the root itself, out of the root. A name of ".." takes back the name before it.
[[nodiscard]] std::variant<path_names, path_violation> check_path(std::string_view path);

/// A violation with its texts cut to size.
[[nodiscard]] path_violation violation(path_reason reason, std::string_view requested,
                                       std::string_view resolved = {});

}  // namespace persona_runtime
