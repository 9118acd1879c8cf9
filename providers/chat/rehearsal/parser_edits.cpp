// Changing texts and files, and figures over the numbers of a file.
#include "providers/chat/rehearsal/parser.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::size_t words_max = 4;  // of what is replaced, without quotation marks

/// `text` as a replacement that stands for itself.
std::string literal_replacement(std::string_view text) {
  std::string out;
  for (const char c : text)
    out.append(c == '\\' ? 2 : 1, c);
  return out;
}

}  // namespace

std::string exact_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view{"\\^$.|?*+()[]{}"}.find(c) != std::string_view::npos)
      out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

/// "replace "a" with "b" in notes.txt", "swap the word low for high".
std::size_t parser::replaced(std::size_t at) {
  auto next =
    in_.phrase(at, {"replace", "change", "swap", "substitute", "erstatt", "bytt ut", "bytt"});
  if (next == 0)
    return 0;
  next += at;
  next += in_.phrase(next, {"all", "every", "each", "alle", "hvert"});
  next += in_.phrase(next, {"the word", "the words", "the name", "the text", "the term", "word",
                            "the", "occurrences of", "occurrence of", "ordet", "teksten"});
  const auto joint = [this](std::size_t i) {
    return in_.phrase(i, {"with", "by", "to", "for", "into", "med", "til"});
  };
  const auto stops = [this](std::size_t i) {
    return in_.phrase(i, {"in", "and", "everywhere", "throughout", "inside", "then", "i", "og"})
           != 0;
  };
  const auto part_end = [&](std::size_t begin, auto is_over) {
    if (in_.is(begin, token_kind::quoted))
      return begin + 1;
    std::size_t end = begin;
    while (end < begin + words_max && in_.is(end, token_kind::word) && !is_over(end))
      ++end;
    return end;
  };
  const std::size_t old_end = part_end(next, [&](std::size_t i) { return joint(i) != 0; });
  const std::size_t new_begin = old_end + joint(old_end);
  const std::size_t new_end = part_end(new_begin, stops);
  if (old_end == next || new_begin == old_end || new_end == new_begin)
    return 0;
  goal g;
  g.kind = goal_kind::replace;
  const bool exact = in_.is(next, token_kind::quoted);
  g.pattern = exact ? exact_pattern(in_.at(next).text)
                    : "\\b" + exact_pattern(in_.text(next, old_end)) + "\\b";
  g.replacement = literal_replacement(
    in_.is(new_begin, token_kind::quoted) ? in_.at(new_begin).text : in_.text(new_begin, new_end));
  g.subject = in_.text(at, new_end);
  in_.use(at, new_end);
  auto source = text_near(new_end);
  if (!source)
    return 0;
  g.text = std::move(*source);
  return add(std::move(g), at, new_end);
}

/// "append the line "done" to log.txt", "add "done" to the end of log.txt".
std::size_t parser::appended(std::size_t at) {
  auto next = in_.phrase(at, {"append", "add", "legg til", "f\u00f8y til"});
  if (next == 0)
    return 0;
  next += at;
  next += in_.phrase(
    next, {"the line", "the text", "the words", "a line", "the sentence", "linjen", "teksten"});
  if (!in_.is(next, token_kind::quoted))
    return 0;
  std::size_t to = next + 1;
  to += in_.phrase(to, {"to", "at", "p\u00e5", "til", "i"});
  to += in_.phrase(to, {"the end of", "the bottom of", "the file", "slutten av", "filen"});
  to += in_.phrase(to, {"the file", "file", "filen"});
  if (!in_.is(to, token_kind::file))
    return 0;
  goal g;
  g.kind = goal_kind::write_file;
  g.appends = true;
  g.literal = in_.at(next).text;
  g.subject = g.path = in_.at(to).text;
  return add(std::move(g), at, to + 1);
}

/// "add up the numbers in loads.txt", "the average of the figures in t.csv", "the largest number".
std::size_t parser::aggregated(std::size_t at) {
  static const std::array<std::pair<std::string_view, word_list>, 4> kinds{{
    {"sum",
     {"add up", "add together", "add", "sum", "sum up", "sum of", "total", "total up", "total of",
      "tally", "tally up", "legg sammen", "summer", "summen av"}},
    {"average", {"average", "average of", "mean", "mean of", "gjennomsnittet av", "snittet av"}},
    {"largest",
     {"largest", "biggest", "highest", "greatest", "maximum", "maximum of", "st\u00f8rste",
      "h\u00f8yeste"}},
    {"smallest", {"smallest", "lowest", "least", "minimum", "minimum of", "minste", "laveste"}},
  }};
  const std::size_t end = in_.sentence(at).second;
  for (const auto& [kind, names] : kinds) {
    const auto lead = in_.phrase(at, names);
    if (lead == 0)
      continue;
    std::size_t next = at + lead;
    bool has_numbers = false;
    while (next < end && in_.is(next, token_kind::word)) {
      has_numbers =
        has_numbers
        || in_.is_word(next, {"number", "numbers", "figure", "figures", "amount", "amounts",
                              "value", "values", "price", "prices", "loads", "weights", "entries",
                              "tallene", "tall", "tallet", "bel\u00f8pene", "verdiene", "prisene"});
      if (in_.phrase(next, {"and", "og", "then"}) != 0)
        break;
      ++next;
    }
    const bool names_file = in_.is(next, token_kind::file) && !is_target(next);
    if (!names_file && !(has_numbers && !in_.is(next, token_kind::number)))
      continue;
    auto source = text_near(at + lead);
    if (!source || source->path.empty())
      continue;
    goal g;
    g.kind = goal_kind::aggregate;
    g.pattern = kind;
    g.text = std::move(*source);
    return add(std::move(g), at, names_file ? next + 1 : next);
  }
  return 0;
}

/// What was replaced in a file belongs into that file, unless the task names another one.
void parser::write_edits_back() {
  for (std::size_t i = 0; i < plan_.goals.size() && plan_.goals.size() < goals_max; ++i) {
    const goal& edit = plan_.goals[i];
    const bool goes_elsewhere =
      std::any_of(plan_.goals.begin() + static_cast<std::ptrdiff_t>(i), plan_.goals.end(),
                  [](const goal& g) { return g.kind == goal_kind::write_file; });
    if (edit.kind != goal_kind::replace || edit.text.path.empty() || goes_elsewhere)
      continue;
    const bool read_later =
      std::any_of(plan_.goals.begin() + static_cast<std::ptrdiff_t>(i) + 1, plan_.goals.end(),
                  [&edit](const goal& g) { return g.text.path == edit.text.path; });
    if (read_later)
      plan_.assumed.push_back(
        say("Everything else I took from ", "Alt annet tok jeg fra ") + edit.text.path
        + say(" as it was before the change.", " slik den var f\u00f8r endringen."));
    goal g;
    g.kind = goal_kind::write_file;
    g.subject = g.path = edit.text.path;
    g.parts = {i};
    plan_.goals.push_back(std::move(g));
  }
}

}  // namespace persona_runtime::rehearsal
