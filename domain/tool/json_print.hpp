#pragma once
// Compact JSON text as people and models expect it: Boost.JSON alone writes 1.5 as 1.5E0.
// For sources of this folder and of providers/tools only.

#include <boost/json/fwd.hpp>

#include <string>

namespace persona_runtime {

/// `value` without blanks, members in their order, UTF-8 unescaped. Floats have the fewest digits
/// that read back equal ("2.0", "1e+16"); infinities and NaN, which JSON lacks, become null.
[[nodiscard]] std::string json_text(const boost::json::value& value);

/// A finite float as above; "inf", "-inf" or "nan" otherwise.
[[nodiscard]] std::string float_text(double value);

}  // namespace persona_runtime
