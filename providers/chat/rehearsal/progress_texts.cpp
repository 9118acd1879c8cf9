// Goals about texts and files.
#include "domain/text/utf8.hpp"
#include "providers/chat/rehearsal/aggregates.hpp"
#include "providers/chat/rehearsal/progress_walk.hpp"
#include "providers/chat/rehearsal/tool_answers.hpp"

#include <algorithm>

namespace persona_runtime::rehearsal {
namespace {

namespace json = boost::json;

constexpr std::size_t read_bytes_max = 256u << 10;  // longer results are shortened for models

}  // namespace

std::optional<std::string> goal_walk::sum_of(std::vector<std::string> numbers) {
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

void goal_walk::aggregate(const goal& g) {
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

std::string goal_walk::name_of(std::string_view pattern) const {
  if (pattern == "sum")
    return say("The sum of ", "Summen av ");
  if (pattern == "average")
    return say("The average of ", "Gjennomsnittet av ");
  return pattern == "largest" ? say("The largest of ", "Det st\u00f8rste av ")
                              : say("The smallest of ", "Det minste av ");
}

bool goal_walk::is_read_whole(const std::string& content) {
  const bool cut = content.size() >= read_bytes_max
                   || content.find("[... left out here: ") != std::string::npos
                   || content.find(" more bytes left out]") != std::string::npos;
  if (cut)
    fail(say("it is too long for me to read whole", "den er for lang til at jeg leser hele"));
  return !cut;
}

std::optional<std::string> goal_walk::text_of(const text_source& source, std::string_view stage) {
  if (source.path.empty())
    return source.literal;
  return ask(stage, "file_read", {{"path", source.path}});
}

void goal_walk::show_file(const goal& g) {
  if (auto content = text_of(g.text, "read"))
    done(g.text.path + say(" says:\n", " inneholder:\n") + shown(*content), *content);
}

std::string goal_walk::shown(const std::string& content) {
  constexpr std::size_t shown_max = 4000;
  const std::size_t end = border_at_or_before(content, std::min(content.size(), shown_max));
  return content.substr(0, end) + (end < content.size() ? " \u2026" : "");
}

void goal_walk::search(const goal& g) {
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

void goal_walk::compare(const goal& g) {
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
    done(
      g.subject + ":\n"
        + (stripped(*content).empty() ? say("no difference", "ingen forskjell") : shown(*content)),
      *content);
}

std::optional<std::string> goal_walk::content_before(const goal& g) {
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

void goal_walk::write(const goal& g) {
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

}  // namespace persona_runtime::rehearsal
