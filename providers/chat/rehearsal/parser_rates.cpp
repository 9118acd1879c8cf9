// So much for one, so many of them; and asking for figures that the task leaves out.
#include "providers/chat/rehearsal/parser.hpp"

#include <algorithm>
#include <set>

namespace persona_runtime::rehearsal {
namespace {

bool is_same_thing(const std::string& a, const std::string& b) {
  return a == b || a + 's' == b || b + 's' == a || a + "es" == b || b + "es" == a;
}

/// Words that stand behind a number without being what is counted.
bool is_no_thing(const std::string& word) {
  static const std::set<std::string, std::less<>> words{
    "and",  "or",    "of",     "to",   "from",  "in",      "on", "at",   "by",
    "is",   "are",   "times",  "plus", "minus", "the",     "a",  "an",   "per",
    "each", "after", "before", "more", "less",  "percent", "x",  "over", "between",
    "into", "with",  "for",    "og",   "av",    "til",     "fra"};
  return words.contains(word);
}

}  // namespace

/// "89 euros a day", "6.5 nautical miles an hour", "12 kr/kg".
std::optional<parser::measure> parser::rate_at(std::size_t at) {
  constexpr std::size_t unit_words_max = 2;
  arithmetic numbers{in_, ""};
  const auto number = numbers.primary(at);
  if (!number || number->percent)
    return std::nullopt;
  for (std::size_t i = number->end; i <= number->end + unit_words_max; ++i) {
    auto lead = in_.phrase(i, {"a", "an", "per", "each", "every", "for each", "for every",
                               "for one", "for a", "for an", "pr", "for hver"});
    if (lead == 0 && in_.is_symbol(i, "/"))
      lead = 1;
    const bool named = in_.is(i + lead, token_kind::word) && !is_no_thing(in_.at(i + lead).text)
                       && in_.at(i + lead).text != "piece";
    if (lead != 0 && named) {
      const auto unit = in_.text(number->end, i);
      return measure{*number, in_.at(i + lead).text, unit.empty() ? "" : ' ' + unit, at,
                     i + lead + 1};
    }
    if (const auto each = in_.phrase(i, {"each", "apiece", "a piece", "per piece", "stykket"})) {
      const auto noun = thing_before(at);
      const auto unit = in_.text(number->end, i);
      if (noun.empty())
        return std::nullopt;
      return measure{*number, noun, unit.empty() ? "" : ' ' + unit, at, i + each};
    }
    if (!in_.is(i, token_kind::word) || is_no_thing(in_.at(i).text))
      break;
  }
  return std::nullopt;
}

/// "ropes" of "3 ropes at 25 euros each" and "ropes cost 25 euros each", from the number on back.
std::string parser::thing_before(std::size_t at) const {
  const std::size_t begin = in_.sentence(at).first;
  while (at > begin
         && in_.holds(
           at - 1, at,
           {"at", "for", "cost", "costs", "are", "is", "sell", "weigh", "til", "koster", "veier"}))
    --at;
  return at > begin && in_.at(at - 1).kind == token_kind::word ? in_.at(at - 1).text : "";
}

/// "a crate weighs 18.5 kg", "one ticket is 45 kroner".
std::optional<parser::measure> parser::rate_of_one(std::size_t at) {
  constexpr std::size_t name_words_max = 4;
  if (!in_.is_word(at, {"a", "an", "one", "each", "every", "en", "ei", "et", "hver", "hvert"}))
    return std::nullopt;
  for (std::size_t i = at + 2; i <= at + 1 + name_words_max; ++i) {
    if (!in_.is(i - 1, token_kind::word))
      return std::nullopt;
    const auto verb =
      in_.phrase(i, {"costs",     "cost",     "is",     "weighs", "takes",  "holds", "carries",
                     "sells for", "needs",    "uses",   "burns",  "covers", "has",   "earns",
                     "pays",      "contains", "koster", "veier",  "tar",    "er"});
    arithmetic numbers{in_, ""};
    const auto number = verb != 0 ? numbers.primary(i + verb) : std::nullopt;
    if (!number || number->percent || number->computed)
      continue;
    const bool has_unit =
      in_.is(number->end, token_kind::word) && !is_no_thing(in_.at(number->end).text);
    const std::size_t end = number->end + (has_unit ? 1 : 0);
    const auto unit = in_.text(number->end, end);
    return measure{*number, in_.at(i - 1).text, unit.empty() ? "" : ' ' + unit, at, end};
  }
  return std::nullopt;
}

/// "6 days", "12 big crates".
std::optional<parser::measure> parser::quantity_at(std::size_t at) {
  arithmetic numbers{in_, ""};
  const auto number = numbers.primary(at);
  if (!number || number->percent || !in_.is(number->end, token_kind::word)
      || is_no_thing(in_.at(number->end).text))
    return std::nullopt;
  return measure{*number, in_.at(number->end).text, "", at, number->end + 1};
}

/// A rate and how many times it counts, in either order, also in two sentences.
std::size_t parser::priced(std::size_t at) {
  const bool begins = in_.is(at, token_kind::number) || in_.is(at, token_kind::word);
  if (!begins)
    return 0;
  const auto made = [this, at](const measure& rate, const measure& many) {
    goal g;
    g.expression = many.number.expression + " * " + rate.number.expression;
    g.subject = in_.text(many.begin, many.end) + say(" at ", " til ")
                + in_.text(rate.number.end - 1, rate.number.end) + rate.unit;
    g.result_unit = rate.unit;
    in_.use(rate.begin, rate.end);
    in_.use(many.begin, many.end);
    const std::size_t end = rate.begin == at ? rate.end : many.end;
    return add(std::move(g), at, end);
  };
  auto rate = rate_of_one(at);
  if (!rate)
    rate = rate_at(at);
  if (rate) {
    for (std::size_t i = rate->end; i < in_.size(); ++i) {
      const auto many = quantity_at(i);
      if (many && is_same_thing(many->noun, rate->noun))
        return made(*rate, *many);
    }
    return 0;
  }
  const auto many = quantity_at(at);
  for (std::size_t i = many ? many->end : in_.size(); i < in_.size(); ++i) {
    auto later = rate_of_one(i);
    if (!later)
      later = rate_at(i);
    if (later && is_same_thing(many->noun, later->noun))
      return made(*later, *many);
  }
  return 0;
}

/// "…: what is the total?", when there are results to add.
std::size_t parser::totalled(std::size_t at) {
  const auto n =
    in_.phrase(at, {"what is the total", "what's the total", "the total", "in total", "altogether",
                    "all together", "in all", "the grand total", "til sammen", "totalt"});
  if (n == 0 || in_.phrase(at + n, {"of", "number"}) != 0)
    return 0;
  goal g;
  for (std::size_t i = 0; i < plan_.goals.size(); ++i) {
    if (plan_.goals[i].kind != goal_kind::calculate)
      continue;
    g.expression += (g.expression.empty() ? "{" : " + {") + std::to_string(i) + '}';
    g.result_unit = plan_.goals[i].result_unit;
  }
  if (g.expression.find('+') == std::string::npos)
    return 0;
  return add(std::move(g), at, at + n);
}

/// "Work out the mooring fee": a figure is wanted, and nothing to work with is given.
void parser::ask_for_facts() {
  for (const goal& g : plan_.goals) {
    if (g.kind != goal_kind::write_file || g.literal)
      return;
  }
  for (std::size_t at = 0; at < in_.size(); ++at) {
    const auto lead = in_.phrase(at, {"work out", "calculate", "compute", "figure out", "determine",
                                      "find out", "estimate", "what is", "what's", "how much is",
                                      "tell me", "regn ut", "beregn", "hva er", "hvor mye er"});
    const auto article = lead != 0 ? in_.phrase(at + lead, {"the", "my", "our", "a", "an"}) : 0;
    std::size_t end = at + lead + article;
    bool is_figure = false;
    while (in_.is(end, token_kind::word)
           && in_.phrase(end, {"and", "to", "then", "for", "of", "into", "og", "til", "for",
                               "write", "save", "put"})
                == 0) {
      is_figure =
        is_figure
        || in_.is_word(end, {"fee",    "fees",    "cost",     "costs",     "price",       "amount",
                             "rent",   "wage",    "wages",    "salary",    "bill",        "area",
                             "volume", "weight",  "distance", "speed",     "interest",    "tax",
                             "profit", "budget",  "fare",     "toll",      "consumption", "total",
                             "sum",    "average", "avgift",   "avgiften",  "pris",        "prisen",
                             "leie",   "leien",   "kostnad",  "kostnaden", "summen"});
      ++end;
    }
    if (lead == 0 || !is_figure)
      continue;
    const auto wanted = in_.text(at + lead, end);
    const std::string* answer =
      answer_or_ask(say("Which figures make up ", "Hvilke tall inng\u00e5r i ") + wanted
                    + say("? Please give them as a calculation, such as 3 crates at 12.50 a crate.",
                          "? Gi dem som et regnestykke, som 3 ganger 12,50."));
    if (answer == nullptr)
      return;
    for (goal& g : parser{*answer, {}, plan_.norwegian}.run().goals) {
      if (g.kind != goal_kind::calculate)
        continue;
      g.subject = wanted + " (" + g.subject + ')';
      add(std::move(g), at, in_.sentence(at).second);
      return;
    }
    plan_.assumed.push_back(say("I found no calculation in your answer about ",
                                "Jeg fant ikke noe regnestykke i svaret ditt om ")
                            + wanted + '.');
    return;
  }
}

}  // namespace persona_runtime::rehearsal
