#pragma once
// Numbers for people.

#include <string>

namespace persona_runtime::cli {

/// "1,234,567"; at most two places behind the point, and only those that say something: "0.5".
/// Numbers below 0.01 keep two figures: "0.00042".
[[nodiscard]] std::string figure(double number);

/// "1 step", "2 steps".
[[nodiscard]] std::string count_of(double number, std::string unit);

}  // namespace persona_runtime::cli
