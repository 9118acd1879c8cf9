#include "providers/chat/rehearsal/progress.hpp"

#include "domain/text/utf8.hpp"
#include "providers/chat/rehearsal/dates.hpp"
#include "providers/chat/rehearsal/progress_walk.hpp"
#include "providers/chat/rehearsal/tool_answers.hpp"

#include <utility>

namespace persona_runtime::rehearsal {
namespace {

namespace json = boost::json;

constexpr std::string_view a_monday = "1970-01-05";

}  // namespace

progress goal_walk::run() {
  // Files last: they take what the other goals have found.
  for (const bool files : {false, true}) {
    for (index_ = 0; index_ < plan_.goals.size(); ++index_) {
      if ((plan_.goals[index_].kind == goal_kind::write_file) == files)
        advance(plan_.goals[index_]);
    }
  }
  return std::move(progress_);
}

void goal_walk::advance(const goal& g) {
  switch (g.kind) {
  case goal_kind::calculate:
    return calculate(g);
  case goal_kind::weekday:
    return weekday(g);
  case goal_kind::date:
    return date(g);
  case goal_kind::days_between:
    return days_between(g);
  case goal_kind::clock:
    return clock(g);
  case goal_kind::convert_time:
    return convert_time(g);
  case goal_kind::aggregate:
    return aggregate(g);
  case goal_kind::show_file:
    return show_file(g);
  case goal_kind::count:
  case goal_kind::find:
  case goal_kind::replace:
    return search(g);
  case goal_kind::compare:
    return compare(g);
  case goal_kind::write_file:
    return write(g);
  }
}

std::string goal_walk::say(std::string_view english, std::string_view norwegian) const {
  return std::string{plan_.norwegian ? norwegian : english};
}

void goal_walk::done(std::string line, std::string value) {
  state() = {goal_state::kind::done, std::move(line), std::move(value)};
}

void goal_walk::fail(std::string_view why) {
  const goal& g = plan_.goals[index_];
  state() = {goal_state::kind::failed, g.subject + ": " + std::string{why.substr(0, 300)}, ""};
}

std::optional<std::string> goal_walk::ask(std::string_view stage, std::string_view tool,
                                          json::object arguments) {
  std::string id = "goal" + std::to_string(index_ + 1) + '_' + std::string{stage};
  if (const auto known = outcomes_.find(id); known != outcomes_.end()) {
    if (!known->second.is_error)
      return known->second.content;
    fail(std::string{tool} + say(" answered with an error: ", " svarte med en feil: ")
         + known->second.content);
    return std::nullopt;
  }
  if (!offered_.contains(tool)) {
    fail(say("I would need the tool ", "jeg trenger verkt\u00f8yet ") + std::string{tool}
         + say(", which is not offered here", ", som ikke tilbys her"));
    return std::nullopt;
  }
  progress_.calls.push_back({std::string{tool}, json::serialize(arguments), std::move(id), false});
  return std::nullopt;
}

std::optional<std::string> goal_walk::filled(std::string expression) {
  for (std::size_t open = expression.find('{'); open != std::string::npos;
       open = expression.find('{')) {
    const std::size_t close = expression.find('}', open);
    const auto from = static_cast<std::size_t>(std::atoll(expression.c_str() + open + 1));
    const goal_state& other = progress_.goals.at(from);
    if (other.state == goal_state::kind::failed)
      fail(
        say("it needs a result that I could not get", "det trenger et resultat som jeg ikke fikk"));
    if (other.state != goal_state::kind::done)
      return std::nullopt;
    expression.replace(open, close + 1 - open, '(' + other.value + ')');
  }
  return expression;
}

void goal_walk::calculate(const goal& g) {
  const auto expression = filled(g.expression);
  if (!expression)
    return;
  if (const auto content = ask("calc", "calculator", {{"expression", *expression}})) {
    const std::string value = number_in(*content);
    done(g.subject + " = " + value + g.result_unit, value);
  }
}

std::optional<std::string> goal_walk::day(const day_source& d, const std::string& stage) {
  std::string iso = d.iso;
  if (iso.empty()) {
    const auto now = ask(stage + "_now", "datetime", {{"operation", "now"}, {"timezone", "UTC"}});
    if (!now)
      return std::nullopt;
    iso = date_in(*now, "");
    if (iso.empty()) {
      fail(say("the datetime tool gave no date", "datetime ga ingen dato"));
      return std::nullopt;
    }
  }
  if (d.shift_unit.empty())
    return iso;
  const auto moved = ask(stage + "_add", "datetime",
                         {{"operation", "add"},
                          {"datetime", iso + "T00:00:00"},
                          {"timezone", "UTC"},
                          {"amount", d.shift},
                          {"unit", d.shift_unit}});
  if (!moved)
    return std::nullopt;
  std::string out = date_in(*moved, d.shift == 0 ? std::string_view{} : std::string_view{iso});
  if (out.empty())
    fail(say("the datetime tool gave no date", "datetime ga ingen dato"));
  return out.empty() ? std::nullopt : std::optional{std::move(out)};
}

std::optional<std::string> goal_walk::days(std::string_view from, std::string_view to) {
  const auto content = ask("diff", "datetime",
                           {{"operation", "diff"},
                            {"datetime", std::string{from} + "T00:00:00"},
                            {"end", std::string{to} + "T00:00:00"},
                            {"timezone", "UTC"}});
  if (!content)
    return std::nullopt;
  auto found = days_in(*content);
  if (!found)
    fail(say("I could not read the datetime tool's answer",
             "jeg kunne ikke lese svaret fra datetime"));
  return found;
}

void goal_walk::weekday(const goal& g) {
  const auto iso = day(g.first, "day");
  if (!iso)
    return;
  const auto since = days(a_monday, *iso);
  if (!since)
    return;
  const auto rest = ask("mod", "calculator", {{"expression", '(' + *since + ") % 7"}});
  if (!rest)
    return;
  const std::string index = number_in(*rest);
  if (index.size() != 1 || index[0] < '0' || index[0] > '6')
    return fail(say("I could not read the calculator's answer",
                    "jeg kunne ikke lese svaret fra kalkulatoren"));
  const std::string name{weekday_name(static_cast<std::size_t>(index[0] - '0'), plan_.norwegian)};
  const bool moved = g.first.iso.empty() || !g.first.shift_unit.empty();
  const std::string shown = moved
                              ? g.first.shown + say(" is ", " er ") + *iso + say(", a ", ", en ")
                              : g.first.shown + say(" is a ", " er en ");
  done(shown + name, name);
}

void goal_walk::date(const goal& g) {
  if (const auto iso = day(g.first, "day"))
    done(g.first.shown + say(" is ", " er ") + *iso, *iso);
}

void goal_walk::days_between(const goal& g) {
  const auto from = day(g.first, "from");
  const auto to = from ? day(g.second, "to") : std::nullopt;
  if (!to)
    return;
  const auto count = days(*from, *to);
  if (!count)
    return;
  const std::string first =
    g.first.iso.empty() ? g.first.shown + " (" + *from + ')' : g.first.shown;
  const std::string second =
    g.second.iso.empty() ? g.second.shown + " (" + *to + ')' : g.second.shown;
  const std::string span =
    say("From ", "Fra ") + first + say(" to ", " til ") + second + say(" it is ", " er det ");
  if (!g.in_weeks)
    return done(span + *count
                  + say(*count == "1" ? " day" : " days", *count == "1" ? " dag" : " dager"),
                *count);
  if (const auto weeks =
        ask("weeks", "calculator", {{"expression", "round((" + *count + ") / 7, 2)"}})) {
    const std::string value = number_in(*weeks);
    done(span + value + say(" weeks (", " uker (") + *count + say(" days)", " dager)"), value);
  }
}

void goal_walk::clock(const goal& g) {
  if (const auto now = ask("now", "datetime", {{"operation", "now"}, {"timezone", g.zone}}))
    done(say("The time in ", "Klokken i ") + g.subject + say(" is ", " er ")
           + std::string{stripped(*now)},
         *now);
}

void goal_walk::convert_time(const goal& g) {
  const auto iso = day(g.first, "day");
  if (!iso)
    return;
  const auto content = ask("convert", "datetime",
                           {{"operation", "convert"},
                            {"datetime", *iso + 'T' + g.time + ":00"},
                            {"timezone", g.zone},
                            {"to_timezone", g.zone_to}});
  if (!content)
    return;
  const auto there = instant_in(*content);
  if (!there)
    return fail(say("I could not read the datetime tool's answer",
                    "jeg kunne ikke lese svaret fra datetime"));
  done(g.time + say(" on ", " den ") + *iso + say(" in ", " i ") + g.zone + say(" is ", " er ")
         + there->time + say(" on ", " den ") + there->date + say(" in ", " i ") + g.zone_to,
       there->time);
}

progress next_calls(const plan& p, const std::set<std::string, std::less<>>& offered,
                    const tool_outcomes& outcomes) {
  return goal_walk{p, offered, outcomes}.run();
}

}  // namespace persona_runtime::rehearsal
