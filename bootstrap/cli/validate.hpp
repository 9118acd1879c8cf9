#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace persona_runtime {

/// `persona validate FILE...`: for every file "FILE: ok" on `out`, or each of its problems as
/// "FILE:LINE: path: text" on `err`. Notices go to `err` too and change nothing. Answers the exit
/// code: 0 when every file is a valid persona, else 1.
[[nodiscard]] int validate_files(std::span<const std::string> paths, std::ostream& out,
                                 std::ostream& err);

}  // namespace persona_runtime
