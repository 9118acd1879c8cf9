#pragma once
// The named functions of the calculator. For sources of this folder only.

#include "domain/tool/calculator_number.hpp"

#include <string_view>
#include <vector>

namespace persona_runtime {

/// The value of `name(arguments…)`; a Syntax error for a name or a number of arguments that there
/// is not.
[[nodiscard]] calculation call_function(std::string_view name,
                                        const std::vector<calculator_number>& arguments);

}  // namespace persona_runtime
