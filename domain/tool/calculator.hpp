#pragma once
// Arithmetic for models: exact integers and decimals, nothing that could be code.

#include "domain/run/message.hpp"

#include <string_view>

namespace persona_runtime {

/// The value of `expression`, or an error result "cannot evaluate '…': <why> [kind=…]".
///
/// Numbers are integers (decimal, 0x, 0o, 0b; underscores between digits) and decimals (1.5, 2e3).
/// Operators, from loose to tight: + -, * / // %, signs, ** (binds to the right). Constants pi e
/// tau. Functions sqrt sin cos tan asin acos atan atan2 log log10 log2 exp floor ceil abs round
/// hypot degrees radians gcd factorial pow.
///
/// + - * // %, powers with whole exponents, floor, ceil, abs and round (ties to even) are exact.
/// So is / when the quotient ends; one that does not is rounded to 28 significant digits, never
/// before the point. Roots, logarithms, angles, broken exponents and constants are IEEE doubles
/// (15 to 17 digits). / always gives a decimal; // and % round towards minus infinity; % is the
/// remainder, not a percentage; a comma only separates arguments. Decimals print every digit
/// without needless zeros, and as 5.0 when they are whole.
///
/// Bounds: 256 characters, 100 numbers, names and operators, depth 20, exponents of at most 1000,
/// factorials of at most 1000, numbers of 20,000 bits and 6,020 digits behind the point (also on
/// the way; refused before they are computed). `data` is {expression, result}; a result that no
/// JSON reader holds exactly (over 64 bits, more digits than a double) is a string there.
[[nodiscard]] tool_result calculate(std::string_view expression);

}  // namespace persona_runtime
