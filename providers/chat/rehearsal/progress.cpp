#include "providers/chat/rehearsal/progress.hpp"

#include "domain/text/utf8.hpp"
#include "providers/chat/rehearsal/aggregates.hpp"
#include "providers/chat/rehearsal/dates.hpp"
#include "providers/chat/rehearsal/tool_answers.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

namespace persona_runtime::rehearsal {
namespace {

namespace json = boost::json;

constexpr std::string_view a_monday = "1970-01-05";
constexpr std::size_t read_bytes_max = 256u << 10;  // longer results are shortened for models

class walk {
public:
  walk(const plan& p, const std::set<std::string, std::less<>>& offered,
       const tool_outcomes& outcomes)
    : plan_{p}, offered_{offered}, outcomes_{outcomes} {
    progress_.goals.resize(p.goals.size());
  }

  progress run() {
    // Files last: they take what the other goals have found.
    for (const bool files : {false, true}) {
      for (index_ = 0; index_ < plan_.goals.size(); ++index_) {
        if ((plan_.goals[index_].kind == goal_kind::write_file) == files)
          advance(plan_.goals[index_]);
      }
    }
    return std::move(progress_);
  }

private:
  goal_state& state() { return progress_.goals[index_]; }

  void advance(const goal& g) {
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

  [[nodiscard]] std::string say(std::string_view english, std::string_view norwegian) const {
    return std::string{plan_.norwegian ? norwegian : english};
  }

  void done(std::string line, std::string value) {
    state() = {goal_state::kind::done, std::move(line), std::move(value)};
  }

  void fail(std::string_view why) {
    const goal& g = plan_.goals[index_];
    state() = {goal_state::kind::failed, g.subject + ": " + std::string{why.substr(0, 300)}, ""};
  }

  /// The result of this goal's call `stage`, or nothing while it is not there: then the call is
  /// put on the list, or the goal fails when the tool is not offered.
  std::optional<std::string> ask(std::string_view stage, std::string_view tool,
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
    progress_.calls.push_back(
      {std::string{tool}, json::serialize(arguments), std::move(id), false});
    return std::nullopt;
  }

  /// `expression` with the results of other goals put in. Nothing when one is not there.
  std::optional<std::string> filled(std::string expression) {
    for (std::size_t open = expression.find('{'); open != std::string::npos;
         open = expression.find('{')) {
      const std::size_t close = expression.find('}', open);
      const auto from = static_cast<std::size_t>(std::atoll(expression.c_str() + open + 1));
      const goal_state& other = progress_.goals.at(from);
      if (other.state == goal_state::kind::failed)
        fail(say("it needs a result that I could not get",
                 "det trenger et resultat som jeg ikke fikk"));
      if (other.state != goal_state::kind::done)
        return std::nullopt;
      expression.replace(open, close + 1 - open, '(' + other.value + ')');
    }
    return expression;
  }

  void calculate(const goal& g) {
    const auto expression = filled(g.expression);
    if (!expression)
      return;
    if (const auto content = ask("calc", "calculator", {{"expression", *expression}})) {
      const std::string value = number_in(*content);
      done(g.subject + " = " + value + g.result_unit, value);
    }
  }

  /// The day as YYYY-MM-DD, from the datetime tool where the task does not give it itself.
  std::optional<std::string> day(const day_source& d, const std::string& stage) {
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

  /// Whole days from one to the other.
  std::optional<std::string> days(std::string_view from, std::string_view to) {
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

  void weekday(const goal& g) {
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

  void date(const goal& g) {
    if (const auto iso = day(g.first, "day"))
      done(g.first.shown + say(" is ", " er ") + *iso, *iso);
  }

  void days_between(const goal& g) {
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

  void clock(const goal& g) {
    if (const auto now = ask("now", "datetime", {{"operation", "now"}, {"timezone", g.zone}}))
      done(say("The time in ", "Klokken i ") + g.subject + say(" is ", " er ")
             + std::string{stripped(*now)},
           *now);
  }

  void convert_time(const goal& g) {
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

  /// The sum of `numbers`, in as many calls as it takes.
  std::optional<std::string> sum_of(std::vector<std::string> numbers) {
    for (int round = 1; numbers.size() > 1; ++round) {
      const auto parts = partial_sums(numbers);
      numbers.clear();
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto content = ask("sum" + std::to_string(round) + '_' + std::to_string(i + 1),
                                 "calculator", {{"expression", parts[i]}});
        if (content)
          numbers.push_back('(' + number_in(*content) + ')');
      }
      if (numbers.size() < parts.size())
        return std::nullopt;
    }
    return numbers.front();
  }

  void aggregate(const goal& g) {
    constexpr std::size_t numbers_max = 1'000;
    const auto text = text_of(g.text, "read");
    if (!text || !is_read_whole(*text))
      return;
    const auto numbers = numbers_in(*text);
    if (numbers.empty() || numbers.size() > numbers_max)
      return fail(numbers.empty()
                    ? say("there are no numbers in it", "det er ingen tall i den")
                    : say("I add at most 1000 numbers", "jeg legger sammen h\u00f8yst 1000 tall"));
    auto value = std::string{};
    if (g.pattern == "largest" || g.pattern == "smallest") {
      value = extreme_of(numbers, g.pattern == "largest");
    } else {
      const auto total = sum_of(numbers);
      const bool is_average = g.pattern == "average";
      const auto content =
        total ? ask(
          "value", "calculator",
          {{"expression", is_average ? *total + " / " + std::to_string(numbers.size()) : *total}})
              : std::nullopt;
      if (!content)
        return;
      value = number_in(*content);
    }
    done(name_of(g.pattern) + std::to_string(numbers.size()) + say(" numbers in ", " tall i ")
           + g.text.path + " = " + value,
         value);
  }

  [[nodiscard]] std::string name_of(std::string_view pattern) const {
    if (pattern == "sum")
      return say("The sum of ", "Summen av ");
    if (pattern == "average")
      return say("The average of ", "Gjennomsnittet av ");
    return pattern == "largest" ? say("The largest of ", "Det st\u00f8rste av ")
                                : say("The smallest of ", "Det minste av ");
  }

  /// False, and the goal failed: what was left out would be lost or miscounted.
  bool is_read_whole(const std::string& content) {
    const bool cut = content.size() >= read_bytes_max
                     || content.find("[... left out here: ") != std::string::npos
                     || content.find(" more bytes left out]") != std::string::npos;
    if (cut)
      fail(say("it is too long for me to read whole", "den er for lang til at jeg leser hele"));
    return !cut;
  }

  std::optional<std::string> text_of(const text_source& source, std::string_view stage) {
    if (source.path.empty())
      return source.literal;
    return ask(stage, "file_read", {{"path", source.path}});
  }

  void show_file(const goal& g) {
    if (auto content = text_of(g.text, "read"))
      done(g.text.path + say(" says:\n", " inneholder:\n") + shown(*content), *content);
  }

  static std::string shown(const std::string& content) {
    constexpr std::size_t shown_max = 4000;
    const std::size_t end = border_at_or_before(content, std::min(content.size(), shown_max));
    return content.substr(0, end) + (end < content.size() ? " \u2026" : "");
  }

  void search(const goal& g) {
    const auto text = text_of(g.text, "read");
    if (!text)
      return;
    json::object arguments{{"pattern", g.pattern},
                           {"text", *text},
                           {"operation", g.kind == goal_kind::replace ? "sub" : "findall"}};
    if (g.kind == goal_kind::replace)
      arguments["replacement"] = g.replacement;
    const auto content = ask("match", "regex_match", std::move(arguments));
    if (!content)
      return;
    const std::string where = g.text.path.empty() ? say("the text", "teksten") : g.text.path;
    if (g.kind == goal_kind::replace)
      return done(g.subject + " (" + where + "):\n" + shown(*content), *content);
    if (g.kind == goal_kind::find)
      return done(g.subject + say(" in ", " i ") + where + ": " + shown(one_line(*content)),
                  *content);
    const std::string count = std::to_string(matches_in(*content));
    done(g.subject + say(" in ", " i ") + where + ": " + count, count);
  }

  void compare(const goal& g) {
    const auto a = text_of(g.text, "read_a");
    if (state().state == goal_state::kind::failed)
      return;
    const auto b = text_of(g.other, "read_b");
    if (!a || !b)
      return;
    const auto label = [](const text_source& s, std::string_view other) {
      return s.path.empty() ? std::string{other} : s.path;
    };
    json::object arguments{{"a", *a},
                           {"b", *b},
                           {"label_a", label(g.text, "first")},
                           {"label_b", label(g.other, "second")}};
    if (const auto content = ask("diff", "text_diff", std::move(arguments)))
      done(g.subject + ":\n"
             + (stripped(*content).empty() ? say("no difference", "ingen forskjell")
                                           : shown(*content)),
           *content);
  }

  /// What the file holds, with a line end; empty when there is none yet.
  std::optional<std::string> content_before(const goal& g) {
    const auto id = "goal" + std::to_string(index_ + 1) + "_before";
    const auto known = outcomes_.find(id);
    if (known != outcomes_.end() && known->second.is_error
        && (known->second.content.find("o such file") != std::string::npos
            || known->second.content.find("not found") != std::string::npos))
      return std::string{};
    auto content = ask("before", "file_read", {{"path", g.path}});
    if (!content || !is_read_whole(*content))
      return std::nullopt;
    if (!content->empty() && content->back() != '\n')
      content->push_back('\n');
    return content;
  }

  void write(const goal& g) {
    if (g.refused)
      return fail(say("I did not understand what it should hold, so I left it alone",
                      "jeg forsto ikke hva den skal inneholde, s\u00e5 jeg lot den v\u00e6re"));
    const auto before = g.appends ? content_before(g) : std::string{};
    if (!before)
      return;
    std::string content = *before + g.literal.value_or("");
    bool any = g.literal.has_value();
    for (const std::size_t part : g.parts) {
      const goal_state& from = progress_.goals[part];
      if (from.state == goal_state::kind::pending)
        return;
      const bool only_a_means = plan_.goals[part].silent && g.parts.size() > 1;
      if (from.state == goal_state::kind::failed || only_a_means)
        continue;
      any = true;
      const bool whole = plan_.goals[part].kind == goal_kind::show_file
                         || plan_.goals[part].kind == goal_kind::replace;
      if (whole && !is_read_whole(from.value))
        return;
      content += whole ? from.value : from.line;
      if (!content.empty() && content.back() != '\n')
        content += '\n';
    }
    if (!any)
      return fail(say("there is nothing to write", "det er ingenting \u00e5 skrive"));
    if (ask("write", "file_write", {{"path", g.path}, {"content", content}}))
      done(say("I wrote this to ", "Jeg skrev dette til ") + g.path, g.path);
  }

  const plan& plan_;
  const std::set<std::string, std::less<>>& offered_;
  const tool_outcomes& outcomes_;
  progress progress_;
  std::size_t index_ = 0;
};

}  // namespace

progress next_calls(const plan& p, const std::set<std::string, std::less<>>& offered,
                    const tool_outcomes& outcomes) {
  return walk{p, offered, outcomes}.run();
}

}  // namespace persona_runtime::rehearsal
