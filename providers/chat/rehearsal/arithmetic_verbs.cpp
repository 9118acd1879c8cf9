// Calculations that begin with a verb or a question: "add 3 and 4", "what percentage of 80 is 20".
#include "providers/chat/rehearsal/arithmetic.hpp"

#include <utility>

namespace persona_runtime::rehearsal {
arithmetic::step arithmetic::verb(std::size_t at) {
  for (const auto rule : {&arithmetic::add_verb, &arithmetic::change_by_percent, &arithmetic::share,
                          &arithmetic::remainder}) {
    if (step found = (this->*rule)(at))
      return found;
  }
  return std::nullopt;
}

arithmetic::step arithmetic::add_verb(std::size_t at) {
  if (const auto n = in_.phrase(
        at, {"add", "add up", "add together", "sum", "sum up", "legg sammen", "summer", "adder"})) {
    const std::vector<amount> items = list(at + n);
    if (items.size() < 2)
      return std::nullopt;
    std::string joined;
    for (const amount& item : items)
      joined += (joined.empty() ? "" : " + ") + wrapped(item);
    return computed(joined, items.back().end);
  }
  struct pair_verb {
    word_list names;
    word_list between;
    std::string_view sign;
    bool swapped;
  };
  static const std::vector<pair_verb> verbs{
    {{"subtract", "take", "trekk", "subtraher"}, {"from", "away from", "fra"}, " - ", true},
    {{"multiply", "gang", "multipliser"}, {"by", "with", "and", "med", "og"}, " * ", false},
    {{"divide", "split", "del", "divider"}, {"by", "with", "into", "p\u00e5", "med"}, " / ", false},
    {{"raise", "opph\u00f8y"}, {"to the power of", "to the power", "i"}, " ** ", false},
  };
  for (const pair_verb& v : verbs) {
    const auto n = in_.phrase(at, v.names);
    if (n == 0)
      continue;
    const step first = primary(at + n);
    if (!first || first->percent)
      continue;
    const auto between = in_.phrase(first->end, v.between);
    const step second = between != 0 ? primary(first->end + between) : std::nullopt;
    if (!second || second->percent)
      continue;
    const amount& left = v.swapped ? *second : *first;
    const amount& right = v.swapped ? *first : *second;
    return computed(wrapped(left) + std::string{v.sign} + wrapped(right), second->end);
  }
  return std::nullopt;
}

/// "increase 450 by 25 %", "reduce 1,200 by 200", "add 25 % to 450", "take 10 % off 80".
arithmetic::step arithmetic::change_by_percent(std::size_t at) {
  const auto up = in_.phrase(at, {"increase", "raise", "grow", "\u00f8k", "add", "legg"});
  const auto down = in_.phrase(at, {"decrease", "reduce", "lower", "discount", "reduser", "senk",
                                    "subtract", "take", "trekk"});
  if (up == 0 && down == 0)
    return std::nullopt;
  const step first = primary(at + up + down);
  if (!first)
    return std::nullopt;
  const auto between =
    in_.phrase(first->end, {"by", "med", "to", "til", "from", "off", "off of", "fra", "p\u00e5"});
  const step second = between != 0 ? primary(first->end + between) : std::nullopt;
  if (!second || first->percent == second->percent) {
    if (!second || first->percent)
      return std::nullopt;
    return computed(wrapped(*first) + (up != 0 ? " + " : " - ") + wrapped(*second), second->end);
  }
  const amount& base = first->percent ? *second : *first;
  const amount& share = first->percent ? *first : *second;
  const std::string sign = up != 0 ? " * (100 + " : " * (100 - ";
  return computed(wrapped(base) + sign + share.expression + ") / 100", second->end);
}

/// "what percentage of 180 is 45", "45 is what percent of 180".
arithmetic::step arithmetic::share(std::size_t at) {
  const auto made = [this](const amount& part, const amount& whole, std::size_t end) {
    amount out = computed(wrapped(part) + " * 100 / " + wrapped(whole), end);
    out.result_unit = " %";
    return out;
  };
  if (const auto n = in_.phrase(at, {"percentage of", "percent of", "what percent of",
                                     "what percentage of", "prosentandel av"})) {
    const step whole = primary(at + n);
    const auto is = whole ? in_.phrase(whole->end, {"is", "are", "er", "does", "utgj\u00f8r"}) : 0;
    const step part = is != 0 ? primary(whole->end + is) : std::nullopt;
    return part ? step{made(*part, *whole, part->end)} : std::nullopt;
  }
  if (const auto n = in_.phrase(at, {"percentage is", "percent is", "prosent er",
                                     "prosent utgj\u00f8r", "many percent is"})) {
    const step part = primary(at + n);
    const auto of = part ? in_.phrase(part->end, {"of", "av"}) : 0;
    const step whole = of != 0 ? primary(part->end + of) : std::nullopt;
    return whole ? step{made(*part, *whole, whole->end)} : std::nullopt;
  }
  const step part = number(at);
  const auto is =
    part ? in_.phrase(part->end, {"is what percent of", "is what percentage of",
                                  "is how many percent of", "as a percentage of", "as a percent of",
                                  "er hvor mange prosent av", "i prosent av"})
         : 0;
  const step whole = is != 0 ? primary(part->end + is) : std::nullopt;
  return whole ? step{made(*part, *whole, whole->end)} : std::nullopt;
}

arithmetic::step arithmetic::remainder(std::size_t at) {
  const auto n = in_.phrase(at, {"remainder of", "remainder when", "resten av", "resten n\u00e5r"});
  const step left = n != 0 ? primary(at + n) : std::nullopt;
  const auto by = left ? in_.phrase(left->end, {"divided by", "is divided by", "delt p\u00e5",
                                                "deles p\u00e5", "over"})
                       : 0;
  const step right = by != 0 ? primary(left->end + by) : std::nullopt;
  if (!right)
    return std::nullopt;
  return computed(wrapped(*left) + " % " + wrapped(*right), right->end);
}

}  // namespace persona_runtime::rehearsal
