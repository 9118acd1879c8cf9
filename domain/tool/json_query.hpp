#pragma once
// Questions to a JSON document, in a part of JMESPath.

#include "domain/run/message.hpp"

#include <string_view>

namespace persona_runtime {

/// What `query` finds in `json_input`, as compact JSON. Finding nothing (null) is no error: data
/// is then {matched: false, result: null}, else {matched: true, result}.
///
/// Understood of JMESPath: names ("quoted" too), a.b, [0], [-1], [1:5:2], [*], .*, [], [?filter],
/// comparisons == != < <= > >=, && || !, parentheses, a | b, [a, b], {x: a, y: b}, @, 'text',
/// `JSON`, &name (argument of *_by), and the functions abs avg ceil contains ends_with floor
/// join keys length map max max_by merge min min_by not_null reverse sort sort_by starts_with sum
/// to_array to_number to_string type values. Names that begin with a letter or _ need no quotes.
/// Not understood: let, arithmetic and other later additions.
///
/// Bounds: 1,000,000 characters of input, 4,096 of query (600 words), depth 64 of both, four
/// million values looked at or copied; 8,000 characters of content (then cut and `truncated`).
/// A result of more than 64 KiB is not repeated in data, which holds null and `left_out: true`.
[[nodiscard]] tool_result query_json(std::string_view json_input, std::string_view query);

}  // namespace persona_runtime
