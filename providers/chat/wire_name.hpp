#pragma once
#include <string>
#include <string_view>

namespace persona_runtime {

/// `name` as endpoints take names of tools and ids of calls: 1 to 64 letters, digits, '_' and '-';
/// others become '_'. A name that a model invented would make the endpoint refuse every later call
/// of the run.
[[nodiscard]] std::string wire_name(std::string_view name);

}  // namespace persona_runtime
