// Days and spans between days.
#include "providers/chat/rehearsal/dates.hpp"
#include "providers/chat/rehearsal/parser.hpp"

#include <cstdlib>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::size_t whole_number_digits_max = 9;

bool is_whole(const std::string& number) {
  return !number.empty() && number.size() <= whole_number_digits_max
         && number.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::optional<parser::found_day> parser::day_at(std::size_t at) {
  at += in_.phrase(at, {"the", "den", "date", "the date"});
  day_source day;
  if (const auto n =
        in_.phrase(at, {"today", "now", "today's date", "i dag", "n\u00e5", "dagens dato"}))
    return found_day{{"", 0, "", in_.text(at, at + n)}, at + n};
  if (const auto n = in_.phrase(at, {"tomorrow", "i morgen"}))
    return found_day{{"", 1, "days", in_.text(at, at + n)}, at + n};
  if (const auto n = in_.phrase(at, {"yesterday", "i g\u00e5r"}))
    return found_day{{"", -1, "days", in_.text(at, at + n)}, at + n};
  if (!in_.is(at, token_kind::date))
    return std::nullopt;
  day.iso = in_.at(at).text;
  day.shown = in_.text(at, at + 1);
  if (day.iso.starts_with("--")) {
    const std::string year = year_for(at);
    if (year.empty())
      return std::nullopt;
    day.iso = year + day.iso.substr(1);
    day.shown += ' ' + year;
  }
  return found_day{std::move(day), at + 1};
}

/// The year of a date that the task gives without one, from the user. Asks once for each date,
/// however many rules look at it.
std::string parser::year_for(std::size_t at) {
  const auto [known, fresh] = years_.try_emplace(at);
  if (!fresh)
    return known->second;
  const std::string* answer =
    answer_or_ask(say("Which year do you mean for ", "Hvilket \u00e5r mener du for ")
                  + in_.text(at, at + 1) + "?");
  if (answer == nullptr)
    return {};
  for (const token& t : lex(*answer, plan_.norwegian)) {
    if (t.kind == token_kind::number && t.text.size() == 4 && is_whole(t.text))
      known->second = t.text;
    else if (t.kind == token_kind::date && t.text.front() != '-')
      known->second = t.text.substr(0, 4);
  }
  return known->second;
}

/// "days", "weeks" and how many tokens; months and years are not what the datetime tool adds.
std::optional<std::pair<std::string, std::size_t>> parser::span_unit(std::size_t at) {
  if (in_.is_word(at, {"day", "days", "dag", "dager", "d\u00f8gn"}))
    return std::pair{std::string{"days"}, at + 1};
  if (in_.is_word(at, {"week", "weeks", "uke", "uker"}))
    return std::pair{std::string{"weeks"}, at + 1};
  if (in_.is_word(at, {"fortnight", "fortnights"}))
    return std::pair{std::string{"weeks"}, at + 1};
  return std::nullopt;
}

bool parser::wants_weekday(std::size_t at) const {
  const auto [begin, end] = in_.sentence(at);
  return in_.holds(
    begin, end, {"weekday",          "weekdays",      "week day",  "day of the week", "day of week",
                 "days of the week", "what day",      "which day", "what days",       "which days",
                 "ukedag",           "ukedagen",      "ukedager",  "ukedagene",       "hvilken dag",
                 "hvilke dager",     "hva slags dag", "monday",    "tuesday",         "wednesday",
                 "thursday",         "friday",        "saturday",  "sunday",          "mandag",
                 "tirsdag",          "onsdag",        "torsdag",   "fredag",          "l\u00f8rdag",
                 "s\u00f8ndag",      "weekend",       "helg"});
}

std::size_t parser::add_day(day_source day, std::size_t begin, std::size_t end) {
  goal g;
  const auto [from, to] = in_.sentence(begin);
  if (wants_weekday(begin))
    g.kind = goal_kind::weekday;
  else if (!day.shift_unit.empty()
           || (day.iso.empty() && in_.holds(from, to, {"date", "dato", "datoen"})))
    g.kind = goal_kind::date;
  else if (!day.iso.empty() && !plan_.goals.empty()
           && plan_.goals.back().kind == goal_kind::weekday)
    g.kind = goal_kind::weekday;
  else
    return 0;
  day.shown = in_.text(begin, end);
  g.first = std::move(day);
  return add(std::move(g), begin, end);
}

/// "45 days after 2027-03-01", "two weeks before 1 June 2027".
std::size_t parser::shifted_day(std::size_t at) {
  arithmetic numbers{in_, ""};
  const auto amount = numbers.primary(at);
  if (!amount || !is_whole(amount->expression))
    return 0;
  const auto unit = span_unit(amount->end);
  if (!unit)
    return 0;
  const auto after = in_.phrase(
    unit->second, {"after", "from", "past", "later than", "following", "etter", "fra", "fram fra"});
  const auto before =
    in_.phrase(unit->second, {"before", "prior to", "ahead of", "earlier than", "f\u00f8r"});
  if (after == 0 && before == 0)
    return 0;
  auto day = day_at(unit->second + after + before);
  if (!day || !day->day.shift_unit.empty())
    return 0;
  day->day.shift = std::atoll(amount->expression.c_str()) * (after != 0 ? 1 : -1);
  day->day.shift_unit = unit->first;
  return add_day(std::move(day->day), at, day->end);
}

/// "2027-03-01 plus 45 days".
std::size_t parser::day_plus(std::size_t at) {
  if (!in_.is(at, token_kind::date) && !in_.is_word(at, {"today", "tomorrow"}))
    return 0;
  auto day = day_at(at);
  if (!day || !day->day.shift_unit.empty())
    return 0;
  std::size_t plus = in_.is_symbol(day->end, "+") ? 1 : in_.phrase(day->end, {"plus", "pluss"});
  std::size_t minus = in_.is_symbol(day->end, "-") ? 1 : in_.phrase(day->end, {"minus", "less"});
  if (plus == 0 && minus == 0)
    return 0;
  arithmetic numbers{in_, ""};
  const auto amount = numbers.primary(day->end + plus + minus);
  const auto unit = amount && is_whole(amount->expression) ? span_unit(amount->end) : std::nullopt;
  if (!unit)
    return 0;
  day->day.shift = std::atoll(amount->expression.c_str()) * (plus != 0 ? 1 : -1);
  day->day.shift_unit = unit->first;
  return add_day(std::move(day->day), at, unit->second);
}

/// "add 45 days to 2027-03-01", "subtract two weeks from 1 June 2027".
std::size_t parser::add_to_day(std::size_t at) {
  const auto up = in_.phrase(at, {"add", "legg til", "legg", "adder"});
  const auto down = in_.phrase(at, {"subtract", "take", "trekk", "trekk fra"});
  if (up == 0 && down == 0)
    return 0;
  arithmetic numbers{in_, ""};
  const auto amount = numbers.primary(at + up + down);
  const auto unit = amount && is_whole(amount->expression) ? span_unit(amount->end) : std::nullopt;
  const auto to = unit ? in_.phrase(unit->second, {"to", "from", "til", "fra", "p\u00e5"}) : 0;
  if (to == 0)
    return 0;
  auto day = day_at(unit->second + to);
  if (!day || !day->day.shift_unit.empty())
    return 0;
  day->day.shift = std::atoll(amount->expression.c_str()) * (up != 0 ? 1 : -1);
  day->day.shift_unit = unit->first;
  return add_day(std::move(day->day), at, day->end);
}

std::size_t parser::add_between(day_source first, day_source second, std::size_t begin,
                                std::size_t end) {
  goal g;
  g.kind = goal_kind::days_between;
  const auto [from, to] = in_.sentence(begin);
  g.in_weeks = in_.holds(from, to, {"weeks", "uker"}) && !in_.holds(from, to, {"days", "dager"});
  g.first = std::move(first);
  g.second = std::move(second);
  return add(std::move(g), begin, end);
}

/// "(days) between 2027-02-01 and 2027-05-17", "from … to …".
std::size_t parser::between_days(std::size_t at) {
  const auto lead = in_.phrase(at, {"between", "from", "mellom", "fra"});
  if (lead == 0)
    return 0;
  auto first = day_at(at + lead);
  if (!first)
    return 0;
  std::size_t next = first->end;
  if (in_.is_symbol(next, ","))
    ++next;
  const auto mid =
    in_.phrase(next, {"and", "to", "until", "till", "up to", "og", "til", "fram til", "through"});
  auto second = mid != 0 ? day_at(next + mid) : std::nullopt;
  if (!second)
    return 0;
  return add_between(std::move(first->day), std::move(second->day), at, second->end);
}

/// "how many days until 2027-12-24".
std::size_t parser::until_day(std::size_t at) {
  const auto until = in_.phrase(at, {"until", "till", "to", "before", "left until", "remain until",
                                     "til", "igjen til", "f\u00f8r"});
  const auto since = in_.phrase(at, {"since", "siden"});
  const auto [begin, end] = in_.sentence(at);
  if ((until == 0 && since == 0)
      || !in_.holds(begin, end,
                    {"days", "weeks", "how long", "how far", "dager", "uker", "hvor lenge"}))
    return 0;
  auto day = day_at(at + until + since);
  if (!day || day->day.iso.empty())
    return 0;
  day_source today{"", 0, "", say("today", "i dag")};
  if (since != 0)
    return add_between(std::move(day->day), std::move(today), at, day->end);
  return add_between(std::move(today), std::move(day->day), at, day->end);
}

/// A date by itself; the sentence says what about it.
std::size_t parser::lone_day(std::size_t at) {
  if (!in_.is(at, token_kind::date)
      && in_.phrase(at, {"today", "today's", "tomorrow", "i dag", "dagens dato", "i morgen"}) == 0)
    return 0;
  auto day = day_at(at);
  if (!day) {
    if (in_.is_word(at, {"today's"}))  // "today's date"
      return add_day({"", 0, "", in_.text(at, at + 1)}, at, at + 1);
    return 0;
  }
  const auto [begin, end] = in_.sentence(at);
  const bool counts_days =
    in_.holds(begin, end,
              {"how many days", "how many weeks", "number of days", "number of weeks",
               "hvor mange dager", "hvor mange uker", "antall dager", "antall uker"});
  if (counts_days && !day->day.iso.empty()) {
    for (std::size_t next = day->end; next < end; ++next) {
      if (!in_.is(next, token_kind::date))
        continue;
      auto second = day_at(next);
      if (!second)
        return 0;
      in_.use(next, second->end);
      return add_between(std::move(day->day), std::move(second->day), at, day->end);
    }
  }
  if (day->day.iso.empty() && !wants_weekday(at)
      && !in_.holds(begin, end, {"date", "dato", "datoen"}))
    return 0;
  return add_day(std::move(day->day), at, day->end);
}

/// A weekday is wanted and nowhere is a date.
void parser::ask_for_day() {
  for (const goal& g : plan_.goals) {
    if (g.kind == goal_kind::weekday || g.kind == goal_kind::date)
      return;
  }
  std::size_t at = 0;
  while (at < in_.size()
         && (in_.at(at).used
             || in_.phrase(at, {"weekday", "day of the week", "what day", "which day", "ukedag",
                                "ukedagen", "hvilken dag"})
                  == 0))
    ++at;
  if (at >= in_.size())
    return;
  for (std::size_t i = 0; i < in_.size(); ++i) {  // "I was born on … . What weekday was that?"
    auto day = in_.is(i, token_kind::date) ? day_at(i) : std::nullopt;
    if (!day)
      continue;
    goal g;
    g.kind = goal_kind::weekday;
    g.subject = day->day.shown;
    g.first = std::move(day->day);
    in_.use(at, in_.sentence(at).second);
    add(std::move(g), i, day->end);
    return;
  }
  if (plan_.question)
    return;
  const std::string* answer =
    answer_or_ask(say("Which date do you mean? Please give day, month and year.",
                      "Hvilken dato mener du? Oppgi dag, m\u00e5ned og \u00e5r."));
  if (answer == nullptr)
    return;
  for (const token& t : lex(*answer, plan_.norwegian)) {
    if (t.kind != token_kind::date || t.text.starts_with("--"))
      continue;
    goal g;
    g.kind = goal_kind::weekday;
    g.first.iso = t.text;
    g.first.shown = answer->substr(t.begin, t.end - t.begin);
    g.subject = g.first.shown;
    const auto [begin, end] = in_.sentence(at);
    add(std::move(g), begin, end);
    return;
  }
}

}  // namespace persona_runtime::rehearsal
