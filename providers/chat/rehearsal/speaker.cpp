#include "providers/chat/rehearsal/speaker.hpp"

#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::string_view notice_english =
  "(This comes from the built-in stand-in model, which follows fixed rules. Configure a real model "
  "for anything else.)";
constexpr std::string_view notice_norwegian =
  "(Dette kommer fra den innebygde reservemodellen, som f\u00f8lger faste regler. Sett opp en ekte "
  "modell for alt annet.)";
constexpr std::string_view abilities_english =
  "What I can do with the tools that are offered: calculate (percentages, powers, roots, averages, "
  "units), weekdays, days between dates and dates some days or weeks away, the time in a city and "
  "what it is in another, "
  "reading, writing, counting in, searching, comparing and replacing words in texts and files, "
  "and adding up the numbers in a file.";
constexpr std::string_view abilities_norwegian =
  "Dette kan jeg med verkt\u00f8yene som tilbys: regne (prosent, potenser, r\u00f8tter, "
  "gjennomsnitt, "
  "enheter), ukedager, dager mellom datoer og datoer noen dager eller uker fram eller tilbake, "
  "klokken i en by og hva den er et annet sted, lese, skrive, telle i, s\u00f8ke i, sammenligne og "
  "bytte ord i tekster og filer, og legge sammen tallene i en fil.";

std::string aim_of(const goal& g, bool norwegian) {
  const auto say = [norwegian](std::string_view english, std::string_view bokmaal) {
    return std::string{norwegian ? bokmaal : english};
  };
  const std::string where = g.text.path.empty() ? say("the text", "teksten") : g.text.path;
  switch (g.kind) {
  case goal_kind::calculate:
    return say("calculate ", "regne ut ") + g.subject;
  case goal_kind::weekday:
    return say("find the weekday of ", "finne ukedagen for ") + g.first.shown;
  case goal_kind::date:
    return say("find the date: ", "finne datoen: ") + g.first.shown;
  case goal_kind::days_between:
    return say("count the days from ", "telle dagene fra ") + g.first.shown + say(" to ", " til ")
           + g.second.shown;
  case goal_kind::clock:
    return say("look up the time in ", "sl\u00e5 opp klokken i ") + g.subject;
  case goal_kind::convert_time:
    return say("find out what ", "finne ut hva ") + g.time + " in " + g.zone
           + say(" is in ", " er i ") + g.zone_to;
  case goal_kind::aggregate:
    return say("work out the ", "finne ") + g.pattern + say(" of the numbers in ", " av tallene i ")
           + where;
  case goal_kind::show_file:
    return say("read ", "lese ") + where;
  case goal_kind::count:
    return say("count ", "telle ") + g.subject + say(" in ", " i ") + where;
  case goal_kind::find:
    return say("find ", "finne ") + g.subject + say(" in ", " i ") + where;
  case goal_kind::replace:
    return g.subject + say(" in ", " i ") + where;
  case goal_kind::compare:
    return say("compare the two texts", "sammenligne de to tekstene");
  case goal_kind::write_file:
    return say("write to ", "skrive til ") + g.path;
  }
  return {};
}

void add_line(std::string& out, std::string_view line) {
  if (line.empty())
    return;
  out.append(line);
  const char last = line.back();
  if (last != '.' && last != '!' && last != '\n' && line.find('\n') == std::string_view::npos)
    out.push_back('.');
  if (out.back() != '\n')
    out.push_back('\n');
}

void add_results(std::string& out, const plan& p, const progress& at) {
  for (const bool files : {false, true}) {
    for (std::size_t i = 0; i < p.goals.size(); ++i) {
      const bool is_file = p.goals[i].kind == goal_kind::write_file;
      if (is_file == files && !p.goals[i].silent && at.goals[i].state == goal_state::kind::done)
        add_line(out, at.goals[i].line);
    }
  }
}

}  // namespace

std::string opening(const plan& p) {
  std::string out =
    p.norwegian ? "Jeg er den innebygde reservemodellen og f\u00f8lger faste regler. Planen min:\n"
                : "I am the built-in stand-in model and follow fixed rules. My plan:\n";
  std::size_t number = 0;
  for (const bool files : {false, true}) {
    for (const goal& g : p.goals) {
      if ((g.kind == goal_kind::write_file) == files)
        out += std::to_string(++number) + ". " + aim_of(g, p.norwegian) + '\n';
    }
  }
  return out;
}

std::string closing(const plan& p, const progress& at) {
  const auto say = [&p](std::string_view english, std::string_view bokmaal) {
    return p.norwegian ? bokmaal : english;
  };
  std::string out;
  add_results(out, p, at);
  const bool nothing = out.empty();
  for (const std::string& assumed : p.assumed)
    add_line(out, assumed);
  for (const goal_state& g : at.goals) {
    if (g.state == goal_state::kind::failed)
      add_line(out,
               std::string{say("I could not do this: ", "Dette fikk jeg ikke til: ")} + g.line);
  }
  for (const std::string& part : p.not_understood)
    add_line(
      out, std::string{say("I did not understand this part: \"", "Denne delen forsto jeg ikke: \"")}
             + part + '"');
  if (nothing) {
    if (p.goals.empty())
      add_line(out, say("I cannot carry out this task", "Jeg kan ikke utf\u00f8re denne oppgaven"));
    add_line(out, say(abilities_english, abilities_norwegian));
  }
  out += '\n';
  out += say(notice_english, notice_norwegian);
  return out;
}

std::string summary_of(std::string_view context) {
  constexpr std::size_t line_bytes_max = 160;
  constexpr std::size_t results_max = 8;
  std::string task;
  std::vector<std::string> results;
  for (std::size_t begin = 0; begin < context.size();) {
    const std::size_t end = std::min(context.find('\n', begin), context.size());
    const std::string_view line = context.substr(begin, end - begin);
    const std::string_view kept = line.substr(0, border_at_or_before(line, line_bytes_max));
    if (line.starts_with("user: ") && task.empty())
      task = std::string{kept.substr(6)};
    if (line.starts_with("tool: "))
      results.emplace_back(kept.substr(6));
    begin = end + 1;
  }
  std::string out = "Summary by the built-in stand-in model. ";
  if (!task.empty())
    out += "Asked for: " + task + ". ";
  out += "Tool results so far: " + std::to_string(results.size()) + ".";
  const std::size_t first = results.size() - std::min(results.size(), results_max);
  for (std::size_t i = first; i < results.size(); ++i)
    out += "\n- " + results[i];
  return out;
}

}  // namespace persona_runtime::rehearsal
