#pragma once
// `persona audit`: who changed a persona's memory, when and why.

#include "bootstrap/cli/memory_access.hpp"
#include "domain/ids.hpp"

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::cli {

/// Texts as they were typed; empty: no condition.
struct audit_options {
  persona_id persona;
  std::string since;  // how long ago: "7d", "2h", "30m", "45s"
  std::string action;
  std::string source;
  std::string store;
  bool json = false;  // one JSON object a line
};

/// One line per event on `out`, oldest first, or a note that there are none. Returns the exit code:
/// 0; 1 when memory cannot be read; 2 for a condition that cannot be meant, told on `err`.
int audit(memory_access& memory, const audit_options& options, instant now, std::ostream& out,
          std::ostream& err);

/// "7d", "2h", "30m", "45s": a whole number of 1 to 100,000 and one letter.
[[nodiscard]] std::optional<std::chrono::milliseconds> time_span(std::string_view text);

}  // namespace persona_runtime::cli
