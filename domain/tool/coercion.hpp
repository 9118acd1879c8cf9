#pragma once
// Which JSON values stand for which JSON Schema types, and how one becomes another without loss.
// For sources of this folder only.

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class schema_type : std::uint8_t { null, boolean, integer, number, string, array, object };

/// The type called "integer", "string", …; none if there is none.
[[nodiscard]] std::optional<schema_type> schema_type_of(std::string_view name);
[[nodiscard]] std::string_view name_of(schema_type type);

/// Whether `value` already is of that type. A float is never an integer here, not even 5.0.
[[nodiscard]] bool is_of(schema_type type, const boost::json::value& value);

/// Turns `value` into that type if nothing is lost by it; says whether it could.
[[nodiscard]] bool coerce(schema_type type, boost::json::value& value);

/// "Input should be a valid integer", and why not where that is not plain.
[[nodiscard]] std::string type_problem(schema_type type, const boost::json::value& value);

/// Equality as JSON Schema means it: 1 and 1.0 are the same.
[[nodiscard]] bool same_json(const boost::json::value& a, const boost::json::value& b);

}  // namespace persona_runtime
