#pragma once
// Arithmetic for models: exact integers, IEEE doubles, nothing that could be code.

#include "domain/run/message.hpp"

#include <string_view>

namespace persona_runtime {

/// The value of `expression`, or an error result "cannot evaluate '…': <why> [kind=…]".
///
/// Numbers are integers of any size (decimal, 0x, 0o, 0b; underscores between digits) and floats
/// (1.5, 2e3). Operators, from loose to tight: + -, * / // %, signs, ** (binds to the right).
/// Constants pi e tau. Functions sqrt sin cos tan asin acos atan atan2 log log10 log2 exp floor
/// ceil abs round hypot degrees radians gcd factorial pow. Integers stay exact; `/` always gives a
/// float; // and % round towards minus infinity; % is the remainder, not a percentage; a comma
/// only separates arguments. Floats print with the fewest digits that read back equal.
///
/// Bounds: 256 characters, 100 numbers, names and operators, depth 20, exponents of at most 1000,
/// factorials of at most 1000, integers of 20,000 bits (also on the way; refused before they are
/// computed). `data` is {expression, result}; a result that no JSON reader holds exactly (over 64
/// bits, infinite) is a string there.
[[nodiscard]] tool_result calculate(std::string_view expression);

}  // namespace persona_runtime
