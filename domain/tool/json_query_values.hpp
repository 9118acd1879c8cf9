#pragma once
// What the parts of a JSON query hand to each other, and how much they may. For sources of this
// folder only.

#include "domain/tool/json_query_syntax.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace persona_runtime {

/// A value somewhere in the document, or in a list or record that the query made. Copying costs a
/// reference.
class found_value {
public:
  found_value() : found_value{boost::json::value{}} {}
  explicit found_value(boost::json::value made)
    : owner_{std::make_shared<const boost::json::value>(std::move(made))}, at_{owner_.get()} {}

  /// A part of this value.
  [[nodiscard]] found_value part(const boost::json::value& inside) const {
    auto p = *this;
    p.at_ = &inside;
    return p;
  }

  const boost::json::value& operator*() const { return *at_; }
  const boost::json::value* operator->() const { return at_; }

private:
  std::shared_ptr<const boost::json::value> owner_;
  const boost::json::value* at_;
};

using query_result = queried<found_value>;

inline const query_error query_over_budget{"the query looks at or copies too much; ask for less"};

/// What one query may still do. Records that hold a value twice, piped into each other, would grow
/// without end otherwise.
class query_budget {
public:
  /// Counts `steps`; false when there are none left.
  [[nodiscard]] bool spend(std::size_t steps);

  /// Counts what a copy of `value` takes.
  [[nodiscard]] bool spend_on(const boost::json::value& value);

private:
  std::size_t left_ = 4'000'000;
};

/// A function that is handed the expression behind & for each item of a list.
using item_expression = std::function<query_result(const found_value&)>;

/// `arguments` without the expression, which `by` stands for where the function takes one.
[[nodiscard]] query_result call_query_function(std::string_view name,
                                               std::span<const found_value> arguments,
                                               const item_expression& by, query_budget& budget);

/// Which argument of that function is an expression, counted from 0; none: all are values.
[[nodiscard]] std::optional<std::size_t> expression_argument(std::string_view name);

/// JMESPath's idea of truth: null, false and everything empty are false.
[[nodiscard]] bool holds(const boost::json::value& value);

}  // namespace persona_runtime
