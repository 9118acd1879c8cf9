#pragma once
// What a schema document may hold, and where a $ref in it points. For sources of this folder only.

#include <boost/json/fwd.hpp>

#include <cstddef>

namespace persona_runtime {

/// Of a `pattern` keyword; longer ones are not tried.
inline constexpr std::size_t schema_pattern_bytes_max = 1'000;

/// The part of `root` that `reference` ("#/$defs/berth") names; null when it names none, or a
/// place outside this document, which is never fetched.
[[nodiscard]] const boost::json::value* referenced(const boost::json::value& root,
                                                   const boost::json::value& reference);

}  // namespace persona_runtime
