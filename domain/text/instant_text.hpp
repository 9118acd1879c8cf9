#pragma once

#include "domain/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// "2026-11-21T08:15:30Z", with ".123000" before the Z when there are fractions.
[[nodiscard]] std::string to_text(instant at);

/// What to_text wrote; none for anything else.
[[nodiscard]] std::optional<instant> instant_of(std::string_view text);

}  // namespace persona_runtime
