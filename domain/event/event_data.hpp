#pragma once

#include <string_view>

namespace persona_runtime {

/// The `data` object of a public event's line, as it stands there; a view into `line`. Empty when
/// it is no such line.
[[nodiscard]] std::string_view event_data_of(std::string_view line);

}  // namespace persona_runtime
