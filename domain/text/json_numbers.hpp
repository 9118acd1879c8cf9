#pragma once
// Boost.JSON reads a number that no double can hold ("1e999") as an infinity or as no number at
// all ("0e999"), and writes either as text that is no JSON. Who reads foreign JSON in order to
// write it again asks here first.

#include <boost/json/fwd.hpp>

#include <string_view>

namespace persona_runtime {

/// What is said of a document that is refused for such a number.
inline constexpr std::string_view number_out_of_range =
  "a number is out of range (at most 1.8e308 in size)";

/// Whether every number in `value` is finite. `value`'s depth was bounded by its parser.
[[nodiscard]] bool has_finite_numbers(const boost::json::value& value);

}  // namespace persona_runtime
