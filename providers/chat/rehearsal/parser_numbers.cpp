// Units and calculations.
#include "providers/chat/rehearsal/parser.hpp"

namespace persona_runtime::rehearsal {

std::string parser::last_number() const {
  for (std::size_t i = plan_.goals.size(); i-- > 0;) {
    if (plan_.goals[i].kind == goal_kind::calculate)
      return '{' + std::to_string(i) + '}';
  }
  return {};
}

std::optional<parser::found_unit> parser::unit_at(std::size_t at) const {
  at += in_.phrase(at, {"degrees", "degree", "grader"});
  if (!in_.is(at, token_kind::word))
    return std::nullopt;
  const std::string& word = in_.at(at).text;
  const bool divided = in_.is_symbol(at + 1, "/") && in_.is(at + 2, token_kind::word);
  const auto per = in_.phrase(at + 1, {"per hour", "an hour", "per time", "i timen"});
  const auto per_second = in_.phrase(at + 1, {"per second", "a second", "i sekundet"});
  if (divided) {
    if (const auto speed = unit_of(word + '/' + in_.at(at + 2).text))
      return found_unit{*speed, at + 3};
  }
  const auto plain = word == "nautical" || word == "nautisk" ? unit_of("nautical") : unit_of(word);
  if (!plain)
    return std::nullopt;
  if (per != 0 && (plain->symbol == "km" || plain->symbol == "mi"))
    return found_unit{*unit_of(plain->symbol == "km" ? "km/h" : "mph"), at + 1 + per};
  if (per_second != 0 && plain->symbol == "m")
    return found_unit{*unit_of("m/s"), at + 1 + per_second};
  const bool two_words = word == "nautical" || word == "nautisk" || word == "cubic";
  return found_unit{*plain, at + (two_words ? 2 : 1)};
}

/// "… to km" behind the amount, or "how many km …" anywhere in the sentence.
std::optional<unit> parser::target_unit(std::size_t begin, std::size_t end,
                                        const unit& from) const {
  for (std::size_t i = begin; i < end; ++i) {
    const auto lead = in_.phrase(i, {"to", "in", "into", "as", "til", "i", "som", "many", "mange",
                                     "equals", "number of", "antall", "much"});
    if (lead == 0)
      continue;
    const auto target = unit_at(i + lead);
    if (target && target->what.quantity == from.quantity && target->what.symbol != from.symbol)
      return target->what;
  }
  return std::nullopt;
}

std::size_t parser::converted(std::size_t at) {
  arithmetic numbers{in_, last_number()};
  const auto amount = numbers.primary(at);
  if (!amount || amount->percent)
    return 0;
  const auto from = unit_at(amount->end);
  if (!from)
    return 0;
  const auto [begin, end] = in_.sentence(at);
  auto to = target_unit(from->end, end, from->what);
  if (!to)
    to = target_unit(begin, at, from->what);
  if (!to) {  // "She is 42 feet long. How long is that in metres?"
    const std::size_t next_end = in_.sentence(end).second;
    if (in_.holds(end, next_end, {"that", "it", "this", "she", "det"}))
      to = target_unit(end, next_end, from->what);
    if (to)
      in_.use(end, next_end);
  }
  if (!to) {
    const bool asked =
      in_.holds(begin, at, {"convert", "konverter", "gj\u00f8r om", "regn om", "omregn"});
    if (!asked)
      return 0;
    const std::string* answer = answer_or_ask(
      say("Into which unit should I convert ", "Hvilken enhet skal jeg gj\u00f8re om ")
      + in_.text(at, from->end) + say("?", " til?"));
    if (answer == nullptr)
      return 0;
    for (const token& t : lex(*answer, plan_.norwegian)) {
      const auto named = t.kind == token_kind::word ? unit_of(t.text) : std::nullopt;
      if (named && named->quantity == from->what.quantity)
        to = named;
    }
    if (!to)
      return 0;
  }
  const auto expression =
    conversion(amount->atom ? amount->expression : '(' + amount->expression + ')', from->what, *to);
  if (!expression)
    return 0;
  goal g;
  g.expression = *expression;
  g.result_unit = ' ' + std::string{to->symbol};
  std::size_t behind = from->end;
  if (const auto lead = in_.phrase(behind, {"to", "in", "into", "as", "til", "i", "som"})) {
    g.subject = in_.text(at, from->end);
    if (const auto target = unit_at(behind + lead); target && target->what.symbol == to->symbol)
      behind = target->end;
  }
  return add(std::move(g), at, behind);
}

std::size_t parser::calculated(std::size_t at) {
  arithmetic numbers{in_, last_number()};
  const auto found = numbers.calculation(at);
  if (!found)
    return 0;
  goal g;
  g.expression = found->expression;
  g.result_unit = found->result_unit;
  const std::size_t hole = g.expression.find(missing_number);
  if (hole == std::string::npos)
    return add(std::move(g), at, found->end);
  const std::string so_far = in_.text(at, found->end);
  const std::string* answer = answer_or_ask(so_far + say(" which number?", " hvilket tall?"));
  if (answer == nullptr)
    return 0;
  for (const token& t : lex(*answer, plan_.norwegian)) {
    if (t.kind != token_kind::number)
      continue;
    g.expression.replace(hole, missing_number.size(), t.text);
    g.subject = so_far + ' ' + answer->substr(t.begin, t.end - t.begin);
    // The words that stood for the number say nothing more.
    const std::size_t end = in_.sentence(at).second;
    std::size_t behind = found->end;
    while (behind < end && in_.is(behind, token_kind::word)
           && in_.phrase(behind, {"and", "og", "then"}) == 0)
      ++behind;
    return add(std::move(g), at, behind);
  }
  return 0;
}

}  // namespace persona_runtime::rehearsal
