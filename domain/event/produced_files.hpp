#pragma once

#include <string>
#include <string_view>

namespace persona_runtime {

/// The JSON list under "produced_files" of a tool's data, as it stands there; empty when there is
/// none, when it is no list or an empty one. `data`: text of a JSON object, or empty.
[[nodiscard]] std::string produced_files(std::string_view data);

}  // namespace persona_runtime
