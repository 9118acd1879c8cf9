#include "domain/tool/calculator_syntax.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace persona_runtime {
namespace {

constexpr std::size_t expression_nodes_max = 100;
constexpr std::size_t expression_depth_max = 20;
constexpr std::size_t length_max = 256;

bool is_name(char c) {
  return begins_ascii_name(c) || is_ascii_digit(c);
}

calculator_error syntax(std::string reason) {
  return {"Syntax", std::move(reason)};
}

std::size_t depth_of(const calculator_node& n) {
  auto deepest = std::size_t{0};
  for (const auto& operand : n.operands)
    deepest = std::max(deepest, depth_of(operand) + 1);
  return deepest;
}

std::size_t count_of(const calculator_node& n) {
  auto count = std::size_t{1};
  for (const auto& operand : n.operands)
    count += count_of(operand);
  return count;
}

/// Recursive descent. Its own recursion is bounded by the 256 characters of an expression.
class expression_parser {
public:
  explicit expression_parser(std::string_view text) : text_{text} {}

  calculated<calculator_node> whole() {
    if (text_.empty() || text_.front() == ' ' || text_.front() == '\t')
      return syntax("an expression must begin with a number, a name, a sign or '('");
    auto tree = sum();
    if (!tree)
      return tree;
    skip_blanks();
    if (at_ < text_.size())
      return unexpected();
    return tree;
  }

private:
  using node = calculator_node;
  using kind = calculator_node::kind;

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
      ++at_;
  }

  /// The operator at this place, if it is one of these; longer ones first.
  template <std::size_t N>
  std::optional<std::string_view> taken(const std::array<std::string_view, N>& operators) {
    skip_blanks();
    for (const auto candidate : operators) {
      if (text_.substr(at_).starts_with(candidate)) {
        at_ += candidate.size();
        return candidate;
      }
    }
    return std::nullopt;
  }

  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }

  calculator_error unexpected() const {
    if (at_ >= text_.size())
      return syntax("the expression ends too early");
    if (text_[at_] == ',')
      return syntax("a comma only separates arguments; write 1000 or 1_000 for a thousand");
    const auto rest = text_.substr(at_);
    return syntax("'" + printable(first_characters(rest, 1), 1) + "' at position "
                  + std::to_string(character_count(text_.substr(0, at_)) + 1)
                  + " is not allowed here");
  }

  calculated<node> sum() {
    auto left = product();
    while (left) {
      const auto op = taken(std::array<std::string_view, 2>{"+", "-"});
      if (!op)
        break;
      left = joined(std::move(*left), *op, product());
    }
    return left;
  }

  calculated<node> product() {
    auto left = signed_power();
    while (left) {
      skip_blanks();
      if (text_.substr(at_).starts_with("**"))
        break;
      const auto op = taken(std::array<std::string_view, 4>{"//", "*", "/", "%"});
      if (!op)
        break;
      left = joined(std::move(*left), *op, signed_power());
    }
    return left;
  }

  static calculated<node> joined(node left, std::string_view op, calculated<node> right) {
    if (!right)
      return right;
    auto both = std::vector<node>{};
    both.push_back(std::move(left));
    both.push_back(std::move(*right));
    return node{kind::operation, std::string{op}, std::move(both)};
  }

  calculated<node> signed_power() {
    const auto sign = taken(std::array<std::string_view, 2>{"+", "-"});
    if (!sign)
      return power();
    auto operand = signed_power();
    if (!operand)
      return operand;
    auto only = std::vector<node>{};
    only.push_back(std::move(*operand));
    return node{kind::sign, std::string{*sign}, std::move(only)};
  }

  /// -2**2 is -(2**2), and 2**-1 has a signed exponent.
  calculated<node> power() {
    auto base = operand();
    if (!base || !taken(std::array<std::string_view, 1>{"**"}))
      return base;
    return joined(std::move(*base), "**", signed_power());
  }

  calculated<node> operand() {
    if (take('(')) {
      auto inner = sum();
      if (inner && !take(')'))
        return unexpected();
      return inner;
    }
    if (at_ >= text_.size())
      return unexpected();
    if (is_ascii_digit(text_[at_]) || text_[at_] == '.')
      return number();
    if (begins_ascii_name(text_[at_]))
      return name();
    return unexpected();
  }

  calculated<node> name() {
    const auto begin = at_;
    while (at_ < text_.size() && is_name(text_[at_]))
      ++at_;
    auto name = std::string{text_.substr(begin, at_ - begin)};
    if (!take('('))
      return node{kind::constant, std::move(name), {}};
    auto arguments = std::vector<node>{};
    if (take(')'))
      return node{kind::call, std::move(name), {}};
    while (true) {
      auto argument = sum();
      if (!argument)
        return argument;
      arguments.push_back(std::move(*argument));
      if (take(')'))
        return node{kind::call, std::move(name), std::move(arguments)};
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '=')
        return syntax("arguments have places here, not names");
      if (!take(','))
        return unexpected();
    }
  }

  /// Digits of `base` with single underscores between them; false when there are none.
  bool digits(std::string& out, int base) {
    const auto is_one = [base](char c) {
      if (base == 16)
        return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      return c >= '0' && c < '0' + base;
    };
    auto any = false;
    while (at_ < text_.size()) {
      const auto separated = any && text_[at_] == '_' && at_ + 1 < text_.size();
      const auto place = at_ + (separated ? 1 : 0);
      if (!is_one(text_[place]))
        break;
      out += text_[place];
      at_ = place + 1;
      any = true;
    }
    return any;
  }

  calculated<node> number() {
    auto text = std::string{};
    if (const auto base = base_prefix(); base != 10) {
      text = text_.substr(at_, 2);
      at_ += 2;
      if (!digits(text, base))
        return unexpected();
      return ended(std::move(text));
    }
    const auto whole = digits(text, 10);
    if (at_ < text_.size() && text_[at_] == '.') {
      text += '.';
      ++at_;
      if (!digits(text, 10) && !whole)
        return unexpected();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E') && !exponent(text))
      return unexpected();
    const auto leading_zero = text.size() > 1 && text[0] == '0' && is_ascii_digit(text[1])
                              && text.find_first_of(".e") == std::string::npos
                              && text.find_first_not_of('0') != std::string::npos;
    if (leading_zero)
      return syntax("a whole number must not begin with 0");
    return ended(std::move(text));
  }

  int base_prefix() const {
    const auto two = text_.substr(at_, 2);
    if (two == "0x" || two == "0X")
      return 16;
    if (two == "0o" || two == "0O")
      return 8;
    return two == "0b" || two == "0B" ? 2 : 10;
  }

  bool exponent(std::string& text) {
    ++at_;
    text += 'e';
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-'))
      text += text_[at_++];
    return digits(text, 10);
  }

  calculated<node> ended(std::string text) const {
    if (at_ < text_.size() && (is_name(text_[at_]) || text_[at_] == '.'))
      return unexpected();
    return node{kind::number, std::move(text), {}};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

calculated<calculator_node> parse_calculation(std::string_view expression) {
  if (character_count(expression) > length_max)
    return calculator_error{"Limit", "the expression is longer than 256 characters"};
  auto tree = expression_parser{expression}.whole();
  if (!tree)
    return tree;
  if (depth_of(*tree) > expression_depth_max)
    return calculator_error{"Limit", "the expression is nested too deeply (at most 20 levels); a "
                                     "long sum nests too, so group it with parentheses"};
  if (count_of(*tree) > expression_nodes_max)
    return calculator_error{"Limit", "the expression has more than 100 parts"};
  return tree;
}

}  // namespace persona_runtime
