#include "domain/text/json_numbers.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace persona_runtime {

// NOLINTNEXTLINE(misc-no-recursion): the parser has bounded the depth
bool has_finite_numbers(const boost::json::value& value) {
  if (const auto* number = value.if_double())
    return std::isfinite(*number);
  if (const auto* items = value.if_array())
    return std::all_of(items->begin(), items->end(), has_finite_numbers);
  if (const auto* members = value.if_object())
    return std::all_of(members->begin(), members->end(),
                       [](const auto& member) { return has_finite_numbers(member.value()); });
  return true;
}

}  // namespace persona_runtime
