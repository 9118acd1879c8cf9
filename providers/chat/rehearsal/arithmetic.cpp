#include "providers/chat/rehearsal/arithmetic.hpp"

#include <array>
#include <utility>

namespace persona_runtime::rehearsal {
namespace {

struct operation {
  std::string_view sign;
  std::size_t tokens = 0;
};

operation additive(const reader& in, std::size_t at) {
  if (in.is_symbol(at, "+"))
    return {"+", 1};
  if (in.is_symbol(at, "-"))
    return {"-", 1};
  if (const auto n = in.phrase(at, {"plus", "pluss", "added to", "increased by", "lagt til"}))
    return {"+", n};
  if (const auto n = in.phrase(at, {"minus", "less", "decreased by", "reduced by"}))
    return {"-", n};
  return {};
}

operation multiplicative(const reader& in, std::size_t at) {
  if (in.is_symbol(at, "*"))
    return {"*", 1};
  if (in.is_symbol(at, "/") || (in.is_symbol(at, ":") && in.is(at + 1, token_kind::number)))
    return {"/", 1};
  if (const auto n = in.phrase(at, {"times", "x", "multiplied by", "multiplied with", "ganger",
                                    "ganget med", "multiplisert med"}))
    return {"*", n};
  if (const auto n = in.phrase(
        at, {"divided by", "over", "delt p\u00e5", "delt med", "dividert p\u00e5", "dividert med"}))
    return {"/", n};
  if (const auto n = in.phrase(at, {"mod", "modulo"}))
    return {"%", n};
  return {};
}

}  // namespace

std::string arithmetic::wrapped(const amount& a) const {
  return a.atom ? a.expression : '(' + a.expression + ')';
}

std::optional<amount> arithmetic::calculation(std::size_t at) {
  depth_ = 0;
  step found = verb(at);
  if (!found)
    found = sum(at);
  if (!found || !found->computed || found->percent)
    return std::nullopt;
  return rounded(std::move(*found));
}

/// "… rounded to 2 decimals", "… to the nearest whole number".
arithmetic::step arithmetic::rounded(amount whole) {
  std::size_t at = whole.end;
  if (in_.is_symbol(at, ","))
    ++at;
  at += in_.phrase(at, {"and", "then", "og"});
  if (const auto nearest =
        in_.phrase(at, {"rounded to the nearest whole number", "rounded to the nearest integer",
                        "to the nearest whole number", "to the nearest integer",
                        "avrundet til heltall", "avrundet til n\u00e6rmeste hele tall"})) {
    whole.expression = "round(" + whole.expression + ")";
    whole.end = at + nearest;
    return whole;
  }
  const auto lead = in_.phrase(at, {"rounded to", "round to", "round it to", "round the result to",
                                    "to", "avrundet til", "med"});
  if (lead == 0)
    return whole;
  const step digits = primary(at + lead);
  if (!digits)
    return whole;
  const auto tail =
    in_.phrase(digits->end, {"decimals", "decimal places", "decimal", "desimaler", "places"});
  if (tail == 0)
    return whole;
  whole.expression = "round(" + whole.expression + ", " + digits->expression + ")";
  whole.end = digits->end + tail;
  return whole;
}

arithmetic::step arithmetic::sum(std::size_t at) {
  step left = product(at);
  while (left) {
    const operation op = additive(in_, left->end);
    if (op.tokens == 0)
      break;
    const step right = product(left->end + op.tokens);
    if (!right)
      break;
    const std::string sign{op.sign};
    if (right->percent)  // "450 + 25 %": a quarter of the 450 more
      left = computed(wrapped(*left) + " * (100 " + sign + ' ' + right->expression + ") / 100",
                      right->end);
    else
      left = computed(left->expression + ' ' + sign + ' '
                        + (op.sign == "-" ? wrapped(*right) : right->expression),
                      right->end);
  }
  return left;
}

arithmetic::step arithmetic::product(std::size_t at) {
  step left = power(at);
  while (left && !left->percent) {
    const operation op = multiplicative(in_, left->end);
    if (op.tokens == 0)
      break;
    const step right = power(left->end + op.tokens);
    if (!right)
      break;
    left =
      computed(wrapped(*left) + ' ' + std::string{op.sign} + ' ' + wrapped(*right), right->end);
  }
  const auto of = left && left->computed ? in_.phrase(left->end, {"of", "av"}) : 0;
  const step whole = of != 0 ? power(left->end + of) : std::nullopt;
  if (whole && !whole->percent)  // "3/8 of 640"
    return computed(wrapped(*left) + " * " + wrapped(*whole), whole->end);
  return left;
}

arithmetic::step arithmetic::power(std::size_t at) {
  const step base = primary(at);
  if (!base || base->percent)
    return base;
  std::size_t next = base->end;
  if (const auto n = in_.phrase(next, {"squared", "i annen", "kvadrert", "i andre"}))
    return computed(wrapped(*base) + " ** 2", next + n);
  if (const auto n = in_.phrase(next, {"cubed", "i tredje"}))
    return computed(wrapped(*base) + " ** 3", next + n);
  if (const auto n = in_.phrase(next, {"factorial", "fakultet"}))
    return computed("factorial(" + base->expression + ")", next + n, true);
  if (const auto n = in_.phrase(next, {"to the", "raised to the"})) {
    const step nth = number(next + n);
    const auto tail =
      nth ? in_.phrase(nth->end, {"th power", "nd power", "rd power", "st power"}) : 0;
    if (tail != 0)
      return computed(wrapped(*base) + " ** " + nth->expression, nth->end + tail);
  }
  std::size_t sign = in_.is_symbol(next, "^") ? 1 : 0;
  if (sign == 0)
    sign = in_.phrase(next, {"to the power of", "raised to the power of", "to the power",
                             "raised to", "opph\u00f8yd i", "i potensen"});
  if (sign == 0)
    return base;
  ++depth_;
  const step exponent = depth_ < depth_max ? power(next + sign) : std::nullopt;
  --depth_;
  if (!exponent)
    return base;
  return computed(wrapped(*base) + " ** " + wrapped(*exponent), exponent->end);
}

arithmetic::step arithmetic::primary(std::size_t at) {
  if (depth_ >= depth_max)
    return std::nullopt;
  ++depth_;
  step found = prefix_function(at);
  if (!found)
    found = of_two_or_more(at);
  if (!found)
    found = bracket(at);
  if (!found)
    found = plain(at);
  --depth_;
  return found;
}

arithmetic::step arithmetic::bracket(std::size_t at) {
  if (in_.is_symbol(at, "-")) {
    const step inner = plain(at + 1);
    if (!inner || inner->percent)
      return std::nullopt;
    return amount{"(-" + inner->expression + ")", inner->end, inner->computed};
  }
  if (!in_.is_symbol(at, "("))
    return std::nullopt;
  const step inner = sum(at + 1);
  if (!inner || inner->percent || !in_.is_symbol(inner->end, ")"))
    return std::nullopt;
  return amount{"(" + inner->expression + ")", inner->end + 1, inner->computed};
}

arithmetic::step arithmetic::plain(std::size_t at) {
  if (!previous_.empty()) {
    if (const auto n =
          in_.phrase(at, {"the result", "that result", "this result", "the answer", "that number",
                          "that", "it", "this", "resultatet", "svaret", "det"}))
      return amount{previous_, at + n};
  }
  if (const auto n = in_.phrase(at, {"pi"}))
    return amount{"pi", at + n};
  step value = number(at);
  if (!value)
    value = number_word(at);
  if (!value)
    return std::nullopt;
  std::size_t mark = in_.is_symbol(value->end, "%") ? 1 : 0;
  if (mark == 0)
    mark = in_.phrase(value->end, {"percent", "per cent", "prosent", "pct"});
  if (mark == 0)
    return value;
  value->end += mark;
  value->percent = true;
  if (const step of = percent_of(*value))
    return of;
  return value;
}

/// "15 %" that "of" follows. A base that is not there becomes missing_number.
arithmetic::step arithmetic::percent_of(const amount& given) {
  amount percent = given;
  percent.end += in_.phrase(percent.end, {"vat", "tax", "discount", "tip", "interest", "commission",
                                          "mva", "moms", "rabatt", "rente", "tips"});
  const auto more = in_.phrase(percent.end, {"more than", "mer enn", "over"});
  const auto less =
    in_.phrase(percent.end, {"less than", "off", "off of", "mindre enn", "below", "under"});
  if (more != 0 || less != 0) {
    const step base = power(percent.end + more + less);
    if (!base || base->percent)
      return std::nullopt;
    const std::string sign = more != 0 ? " * (100 + " : " * (100 - ";
    return computed(wrapped(*base) + sign + percent.expression + ") / 100", base->end);
  }
  const auto of = in_.phrase(percent.end, {"of", "on", "av"});
  if (of == 0)
    return std::nullopt;
  const step base = power(percent.end + of);
  if (base && !base->percent)
    return computed(percent.expression + " * " + wrapped(*base) + " / 100", base->end);
  return computed(percent.expression + " * " + std::string{missing_number} + " / 100",
                  percent.end + of);
}

arithmetic::step arithmetic::prefix_function(std::size_t at) {
  at += in_.phrase(at, {"the", "a", "den", "det"});
  struct function {
    word_list names;
    std::string_view before;
    std::string_view behind;
  };
  static const std::array<function, 12> functions{{
    {{"square root of", "sqrt of", "sqrt", "root of", "kvadratroten av", "kvadratrota av",
      "kvadratrot av", "roten av"},
     "sqrt(",
     ")"},
    {{"cube root of", "kubikkroten av", "tredjeroten av"}, "round((", ") ** (1 / 3), 9)"},
    {{"square of", "kvadratet av"}, "(", ") ** 2"},
    {{"cube of"}, "(", ") ** 3"},
    {{"factorial of", "fakultetet av"}, "factorial(", ")"},
    {{"half of", "half", "halvparten av"}, "(", ") / 2"},
    {{"double", "twice", "double of", "det dobbelte av", "dobbelte av"}, "(", ") * 2"},
    {{"triple", "tredobbelte av"}, "(", ") * 3"},
    {{"third of", "one third of", "tredjedel av", "tredjedelen av"}, "(", ") / 3"},
    {{"quarter of", "one quarter of", "fjerdedel av", "fjerdedelen av"}, "(", ") / 4"},
    {{"absolute value of"}, "abs(", ")"},
    {{"three quarters of", "tre fjerdedeler av"}, "(", ") * 3 / 4"},
  }};
  for (const function& f : functions) {
    const auto n = in_.phrase(at, f.names);
    if (n == 0)
      continue;
    const step inner = primary(at + n);
    if (!inner || inner->percent)
      continue;
    return computed(std::string{f.before} + inner->expression + std::string{f.behind}, inner->end);
  }
  return std::nullopt;
}

std::vector<amount> arithmetic::list(std::size_t at) {
  std::vector<amount> out;
  while (out.size() < 40) {
    const step item = primary(at);
    if (!item || item->percent)
      break;
    out.push_back(*item);
    at = item->end;
    const std::size_t before = at;
    if (in_.is_symbol(at, ","))
      ++at;
    at += in_.phrase(at, {"and", "og", "with", "med", "to"});
    if (at == before)
      break;
  }
  return out;
}

arithmetic::step arithmetic::of_two_or_more(std::size_t at) {
  at += in_.phrase(at, {"the", "den"});
  enum class how { sum, product, average, difference, ratio, divisor };
  static const std::array<std::pair<how, word_list>, 6> kinds{{
    {how::sum, {"sum of", "total of", "summen av"}},
    {how::product, {"product of", "produktet av"}},
    {how::average,
     {"average of", "mean of", "arithmetic mean of", "gjennomsnittet av", "snittet av",
      "gjennomsnitt av"}},
    {how::difference,
     {"difference between", "difference of", "differansen mellom", "forskjellen mellom"}},
    {how::ratio, {"quotient of", "ratio of", "kvotienten av"}},
    {how::divisor,
     {"greatest common divisor of", "gcd of", "st\u00f8rste felles divisor av",
      "st\u00f8rste felles faktor for"}},
  }};
  for (const auto& [kind, names] : kinds) {
    const auto n = in_.phrase(at, names);
    if (n == 0)
      continue;
    const std::vector<amount> items = list(at + n);
    if (items.size() < 2)
      return std::nullopt;
    const std::string_view sign = kind == how::product      ? " * "
                                  : kind == how::difference ? " - "
                                  : kind == how::ratio      ? " / "
                                  : kind == how::divisor    ? ", "
                                                            : " + ";
    std::string joined;
    for (const amount& item : items) {
      joined += joined.empty() ? std::string_view{} : sign;
      joined += kind == how::divisor ? item.expression : wrapped(item);
    }
    const std::size_t end = items.back().end;
    if (kind == how::average)
      return computed("(" + joined + ") / " + std::to_string(items.size()), end);
    if (kind == how::difference && items.size() == 2)
      return computed("abs(" + joined + ")", end, true);
    if (kind == how::divisor)
      return computed("gcd(" + joined + ")", end, true);
    return computed("(" + joined + ")", end, true);
  }
  return std::nullopt;
}

}  // namespace persona_runtime::rehearsal
