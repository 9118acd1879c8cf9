#pragma once
// One value: out of the file or a variable into its field, and back into words.

#include "bootstrap/settings/settings_table.hpp"
#include "domain/yaml/yaml_tree.hpp"

#include <optional>
#include <string>

namespace persona_runtime {

/// Puts `node` into `field` if it has the type and lies in the range of `key`. Otherwise leaves the
/// field alone and says what is wrong and what is wanted, without the value of a secret.
[[nodiscard]] std::optional<std::string> assign(const setting_key& key, const setting_field& field,
                                                const yaml_node& node);

/// The value as one would write it into the file; "null" for none, "***" for a secret.
[[nodiscard]] std::string value_text(const setting_field& field);

/// "integer", "duration", "text", …
[[nodiscard]] std::string_view type_text(const setting_field& field);

/// "1 to 1000", "one of a, b"; empty when every value of the type will do.
[[nodiscard]] std::string range_text(const setting_key& key, const setting_field& field);

/// A YAML tree as JSON text. None: it holds an infinite number or NaN. Order is kept.
[[nodiscard]] std::optional<std::string> json_text(const yaml_node& node);

/// An unquoted scalar, as a variable's value counts.
[[nodiscard]] yaml_node plain_scalar(std::string text);

}  // namespace persona_runtime
