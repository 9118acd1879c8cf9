#include "domain/tool/json_query_lexer.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr std::size_t tokens_max = 600;  // bounds the depth of chains as well: a.b.c.d

struct binding {
  std::string_view mark;
  int power;
};

// How tightly a mark binds what stands before it. Projections (power 9 to 20) end at whatever
// binds less than 10.
constexpr auto bindings = std::array{
  binding{"|", 1},   binding{"||", 2}, binding{"&&", 3}, binding{"==", 5}, binding{"!=", 5},
  binding{"<", 5},   binding{"<=", 5}, binding{">", 5},  binding{">=", 5}, binding{"[]", 9},
  binding{"[?", 21}, binding{".", 40}, binding{"[", 55},
};
constexpr int projection_end = 10;
constexpr int projection_power = 20;
constexpr int flatten_power = 9;
constexpr int filter_power = 21;
constexpr int dot_power = 40;
constexpr int not_power = 45;

int power_of(const query_token& t) {
  if (t.what != query_token::kind::mark)
    return 0;
  for (const auto& b : bindings) {
    if (b.mark == t.text)
      return b.power;
  }
  return 0;
}

/// Top-down operator precedence, as JMESPath's grammar is usually read.
class query_parser {
  using node = query_node;
  using kind = query_node::kind;
  using token = query_token;

public:
  explicit query_parser(std::vector<token> tokens) : tokens_{std::move(tokens)} {}

  queried<node> whole() {
    auto tree = expression(0);
    if (tree && here().what != token::kind::end)
      return unexpected();
    return tree;
  }

private:
  const token& here() const { return tokens_[at_]; }

  bool is(std::string_view mark) const {
    return here().what == token::kind::mark && here().text == mark;
  }

  bool take(std::string_view mark) {
    if (!is(mark))
      return false;
    ++at_;
    return true;
  }

  query_error unexpected() const {
    if (here().what == token::kind::end)
      return {"the query ends too early"};
    const auto what = here().what == token::kind::literal  ? std::string{"a literal"}
                      : here().what == token::kind::number ? std::to_string(here().number)
                                                           : "'" + here().text + "'";
    return {what + " is not allowed at position " + std::to_string(here().place + 1)};
  }

  static node made(kind what, std::vector<node> children = {}) {
    auto n = node{};
    n.what = what;
    n.children = std::move(children);
    return n;
  }

  static node joined(kind what, node left, node right) {
    auto children = std::vector<node>{};
    children.push_back(std::move(left));
    children.push_back(std::move(right));
    return made(what, std::move(children));
  }

  queried<node> expression(int power) {
    if (++depth_ > query_depth_max)
      return query_error{"the query is nested deeper than 64 levels"};
    auto left = first();
    while (left && power < power_of(here()))
      left = further(std::move(*left));
    --depth_;
    return left;
  }

  queried<node> first() {
    const auto word = here();
    if (word.what == token::kind::name || word.what == token::kind::literal) {
      ++at_;
      return named(word);
    }
    if (take("@"))
      return node{};
    if (take("*"))
      return projected(kind::each_value, node{}, projection_power);
    if (is("[]") || is("[?"))
      return further(node{});
    if (take("["))
      return bracket(node{}, true);
    if (take("{"))
      return record();
    if (take("!"))
      return with_one(kind::negation, not_power);
    if (take("&"))
      return with_one(kind::reference, 0);
    if (!take("("))
      return unexpected();
    auto inner = expression(0);
    if (inner && !take(")"))
      return unexpected();
    // What a group projects is a plain list to whatever follows.
    return inner ? queried<node>{joined(kind::pipe, std::move(*inner), node{})} : inner;
  }

  queried<node> with_one(kind what, int power) {
    auto operand = expression(power);
    if (!operand)
      return operand;
    auto only = std::vector<node>{};
    only.push_back(std::move(*operand));
    return made(what, std::move(only));
  }

  queried<node> named(const token& word) {
    auto n = node{};
    n.name = word.text;
    if (word.what == token::kind::literal) {
      n.what = kind::literal;
      n.literal = word.literal;
      return n;
    }
    n.what = kind::field;
    if (word.quoted || !take("("))
      return n;
    n.what = kind::call;
    return children_until(std::move(n), ")");
  }

  queried<node> children_until(node parent, std::string_view end) {
    if (take(end))
      return parent;
    while (true) {
      auto child = expression(0);
      if (!child)
        return child;
      parent.children.push_back(std::move(*child));
      if (take(end))
        return parent;
      if (!take(","))
        return unexpected();
    }
  }

  queried<node> further(node left) {
    if (take("."))
      return after_dot(std::move(left));
    if (take("[]"))
      return projected(kind::flatten, std::move(left), flatten_power);
    if (take("[?"))
      return filter(std::move(left));
    if (take("["))
      return bracket(std::move(left), false);
    const auto mark = here();
    ++at_;
    auto right = expression(power_of(mark));
    if (!right)
      return right;
    if (mark.text == "|")
      return joined(kind::pipe, std::move(left), std::move(*right));
    if (mark.text == "||")
      return joined(kind::either, std::move(left), std::move(*right));
    if (mark.text == "&&")
      return joined(kind::both, std::move(left), std::move(*right));
    auto compared = joined(kind::comparison, std::move(left), std::move(*right));
    compared.name = mark.text;
    return compared;
  }

  queried<node> after_dot(node left) {
    if (take("*"))
      return projected(kind::each_value, std::move(left), projection_power);
    auto right = dotted();
    if (!right)
      return right;
    return joined(kind::pair, std::move(left), std::move(*right));
  }

  /// What may stand behind a dot: a name, a call, a list or a record.
  queried<node> dotted() {
    if (here().what == token::kind::name) {
      const auto word = here();
      ++at_;
      return named(word);
    }
    if (take("["))
      return children_until(made(kind::list), "]");
    return take("{") ? record() : queried<node>{unexpected()};
  }

  /// Right of a projection: what is done with each item.
  queried<node> rest_of_projection(int power) {
    if (power_of(here()) < projection_end)
      return node{};
    if (take(".")) {
      if (take("*"))
        return further_while(projected(kind::each_value, node{}, projection_power), power);
      return further_while(dotted(), power);
    }
    if (is("[") || is("[?"))
      return expression(power);
    return unexpected();
  }

  queried<node> further_while(queried<node> left, int power) {
    while (left && power < power_of(here()))
      left = further(std::move(*left));
    return left;
  }

  queried<node> projected(kind what, node left, int power) {
    auto right = rest_of_projection(power);
    if (!right)
      return right;
    return joined(what, std::move(left), std::move(*right));
  }

  queried<node> filter(node left) {
    auto condition = expression(0);
    if (!condition)
      return condition;
    if (!take("]"))
      return unexpected();
    auto all = projected(kind::filter, std::move(left), filter_power);
    if (all)
      all->children.push_back(std::move(*condition));
    return all;
  }

  /// Behind "[": an index, a slice, "*]", or, where no value stands before, a list.
  queried<node> bracket(node left, bool may_be_list) {
    if (here().what == token::kind::number || is(":"))
      return index_or_slice(std::move(left));
    if (is("*") && tokens_[at_ + 1].what == token::kind::mark && tokens_[at_ + 1].text == "]") {
      at_ += 2;
      return projected(kind::each, std::move(left), projection_power);
    }
    if (!may_be_list)
      return unexpected();
    return children_until(made(kind::list), "]");
  }

  queried<node> index_or_slice(node left) {
    auto part = node{};
    auto colons = std::size_t{0};
    while (!is("]")) {
      if (here().what == token::kind::number) {
        if (part.bounds[colons])
          return unexpected();
        part.bounds[colons] = here().number;
        ++at_;
        continue;
      }
      if (colons == 2 || !take(":"))
        return unexpected();
      ++colons;
    }
    ++at_;
    if (colons == 0) {
      part.what = kind::index;
      part.number = part.bounds[0].value_or(0);
      return joined(kind::pair, std::move(left), std::move(part));
    }
    if (part.bounds[2] == 0)
      return query_error{"a slice cannot go in steps of 0"};
    part.what = kind::slice;
    return projected(kind::each, joined(kind::pair, std::move(left), std::move(part)),
                     projection_power);
  }

  queried<node> record() {
    auto n = made(kind::record);
    while (true) {
      if (here().what != token::kind::name)
        return unexpected();
      n.names.push_back(here().text);
      ++at_;
      if (!take(":"))
        return unexpected();
      auto child = expression(0);
      if (!child)
        return child;
      n.children.push_back(std::move(*child));
      if (take("}"))
        return n;
      if (!take(","))
        return unexpected();
    }
  }

  std::vector<token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

queried<query_node> parse_query(std::string_view query) {
  auto tokens = words_of(query);
  if (!tokens)
    return tokens.error();
  if (tokens->size() > tokens_max)
    return query_error{"the query has more than 600 words and marks"};
  return query_parser{std::move(*tokens)}.whole();
}

}  // namespace persona_runtime
