#pragma once
// Where a $ref points. For sources of this folder only.

#include <boost/json/fwd.hpp>

namespace persona_runtime {

/// The part of `root` that `reference` ("#/$defs/berth") names; null when it names none, or a
/// place outside this document, which is never fetched.
[[nodiscard]] const boost::json::value* referenced(const boost::json::value& root,
                                                   const boost::json::value& reference);

}  // namespace persona_runtime
