#pragma once
// What a skill lets a model choose, and the check of what it chose. For sources of this folder.

#include "domain/yaml/yaml_tree.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

/// A schema that was written in YAML, as text of JSON. Objects that say nothing of further
/// properties take none.
[[nodiscard]] std::string schema_json(const yaml_node& schema);

/// The parameters as text of JSON, or every problem as "path: problem".
using parameter_check = std::variant<std::string, std::vector<std::string>>;

/// A bare text for a property that takes an object becomes {"content": text}; null for a property
/// that is not required counts as not given; types are mended where nothing is lost. Both texts
/// are JSON objects.
[[nodiscard]] parameter_check check_parameters(std::string_view schema,
                                               std::string_view parameters);

}  // namespace persona_runtime
