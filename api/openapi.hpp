#pragma once

#include <string_view>

namespace persona_runtime {

/// The OpenAPI 3.1 document of the HTTP interface: api/openapi.json, embedded when built.
[[nodiscard]] std::string_view openapi_json();

}  // namespace persona_runtime
