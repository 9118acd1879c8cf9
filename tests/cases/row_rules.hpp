#pragma once
// Deviations that change rows of every case in the same way. Each changes recorded rows into what
// we must do, and answers how many rows it has changed.

#include <boost/json.hpp>

#include <string_view>

namespace persona_runtime::test {

[[nodiscard]] bool is_row_rule(std::string_view name);

[[nodiscard]] std::size_t apply_row_rule(std::string_view name, const boost::json::object& scenario,
                                         boost::json::array& rows);

/// Without what is not compared: `n`, `mode`, the `kind` of tools, and the length and hash of texts
/// in which a label stands for the recorded wording.
[[nodiscard]] boost::json::object compared_part(const boost::json::object& recorded);

}  // namespace persona_runtime::test
