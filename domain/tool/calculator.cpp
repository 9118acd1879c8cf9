#include "domain/tool/calculator.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/tool/calculator_functions.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <limits>
#include <numbers>

namespace persona_runtime {
namespace {

namespace json = boost::json;

calculation evaluate(const calculator_node& node);

calculation number_of(const std::string& text) {
  const auto prefixed = text.size() > 2
                        && (text[1] == 'x' || text[1] == 'X' || text[1] == 'o' || text[1] == 'O'
                            || text[1] == 'b' || text[1] == 'B');
  if (prefixed) {
    const auto mark = text[1];
    const auto shift = mark == 'x' || mark == 'X' ? 4U : mark == 'o' || mark == 'O' ? 3U : 1U;
    auto value = big_integer{0};
    for (const auto c : std::string_view{text}.substr(2)) {
      auto digit = 0U;
      std::from_chars(&c, &c + 1, digit, 16);
      value = (value << shift) | digit;
    }
    return within_bits(std::move(value));
  }
  if (text.find_first_of(".e") != std::string::npos)
    return parse_decimal(text);
  auto whole = parse_decimal(text);
  if (whole)
    whole->decimal = false;
  return whole;
}

calculation constant_of(const std::string& name) {
  if (name == "pi")
    return shortest_decimal(std::numbers::pi);
  if (name == "e")
    return shortest_decimal(std::numbers::e);
  if (name == "tau")
    return shortest_decimal(2 * std::numbers::pi);
  return calculator_error{"Syntax", "there is no constant '" + printable(name, 40) + "'"};
}

calculation with_sign(const calculator_node& node) {
  auto value = evaluate(node.operands[0]);
  if (!value || node.text == "+")
    return value;
  return negated(std::move(*value));
}

calculation operation_of(const calculator_node& node) {
  const auto left = evaluate(node.operands[0]);
  if (!left)
    return left;
  const auto right = evaluate(node.operands[1]);
  if (!right)
    return right;
  if (node.text == "+")
    return add(*left, *right);
  if (node.text == "-")
    return subtract(*left, *right);
  if (node.text == "*")
    return multiply(*left, *right);
  if (node.text == "/")
    return divide(*left, *right);
  if (node.text == "//")
    return divide_down(*left, *right);
  return node.text == "%" ? remainder_of(*left, *right) : raise(*left, *right);
}

calculation call_of(const calculator_node& node) {
  auto arguments = std::vector<calculator_number>{};
  for (const auto& operand : node.operands) {
    auto value = evaluate(operand);
    if (!value)
      return value;
    arguments.push_back(std::move(*value));
  }
  return call_function(node.text, arguments);
}

calculation evaluate(const calculator_node& node) {
  using kind = calculator_node::kind;
  switch (node.what) {
  case kind::number:
    return number_of(node.text);
  case kind::constant:
    return constant_of(node.text);
  case kind::sign:
    return with_sign(node);
  case kind::operation:
    return operation_of(node);
  case kind::call:
    break;
  }
  return call_of(node);
}

/// A number where every reader of JSON gets exactly this one.
json::value json_of(const calculator_number& value, const std::string& text) {
  if (!value.decimal) {
    const auto fits = value.digits >= std::numeric_limits<std::int64_t>::min()
                      && value.digits <= std::numeric_limits<std::int64_t>::max();
    return fits ? json::value(static_cast<std::int64_t>(value.digits)) : json::value(text);
  }
  const auto nearest = nearest_double(value);
  if (!nearest)
    return json::value(text);
  const auto back = shortest_decimal(*nearest);
  const auto same = back && back->digits == value.digits && back->scale == value.scale;
  return same ? json::value(*nearest) : json::value(text);
}

tool_result failed_calculation(std::string_view expression, const calculator_error& error) {
  return error_result("cannot evaluate '" + printable(expression, 120) + "': " + error.reason
                      + " [kind=" + error.kind + "]");
}

}  // namespace

tool_result calculate(std::string_view expression) {
  const auto tree = parse_calculation(expression);
  if (!tree)
    return failed_calculation(expression, tree.error());
  const auto value = evaluate(*tree);
  if (!value)
    return failed_calculation(expression, value.error());
  auto result = tool_result{};
  result.content = text_of(*value);
  result.data = json_text(
    json::object{{"expression", expression}, {"result", json_of(*value, result.content)}});
  return result;
}

}  // namespace persona_runtime
