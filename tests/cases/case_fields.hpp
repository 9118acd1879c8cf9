#pragma once
// What stands in the fields of a scenario.

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime::test {

/// The text of a field; absent or null: empty.
[[nodiscard]] std::string field(const boost::json::object& o, const char* name);

[[nodiscard]] std::uint64_t number(const boost::json::object& o, const char* name,
                                   std::uint64_t otherwise);

/// Absent or null: empty.
[[nodiscard]] const boost::json::array& list(const boost::json::object& o, const char* name);

/// The JSON Schema of a scenario's tool.
[[nodiscard]] std::string schema_of_tool(const boost::json::object& tool);

/// The scenario's tool of that name; null when there is none.
[[nodiscard]] const boost::json::object* tool_in(const boost::json::object& scenario,
                                                 std::string_view name);

}  // namespace persona_runtime::test
