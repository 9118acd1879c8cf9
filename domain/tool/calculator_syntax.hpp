#pragma once
// How an expression of the calculator is read. For sources of this folder only.

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

struct calculator_error {
  std::string kind;    // Syntax, Limit, ZeroDivision, Overflow, Domain, Type
  std::string reason;  // for the model
};

template <class T>
using calculated = boost::system::result<T, calculator_error>;

/// One number, name, sign, operator or call with its operands.
struct calculator_node {
  enum class kind : std::uint8_t { number, constant, sign, operation, call };
  kind what = kind::number;
  std::string text;  // the number without underscores; the name; the operator
  std::vector<calculator_node> operands;
};

/// The tree of `expression`, with at most 100 nodes and a depth of at most 20.
[[nodiscard]] calculated<calculator_node> parse_calculation(std::string_view expression);

}  // namespace persona_runtime
