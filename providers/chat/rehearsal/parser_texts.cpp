// Counting, finding, replacing and comparing in texts and files.
#include "providers/chat/rehearsal/parser.hpp"

#include <array>

namespace persona_runtime::rehearsal {
namespace {

struct countable {
  word_list names;
  std::string_view pattern;
};

const countable* countable_at(const reader& in, std::size_t at) {
  static const std::array<countable, 6> known{{
    {{"words", "ord", "ordene"}, "\\S+"},
    {{"lines", "linjer", "linjene"}, "[^\\n]+"},
    {{"characters", "tegn", "tegnene"}, "(?s)."},
    {{"letters", "bokstaver", "bokstavene"}, "\\p{L}"},
    {{"digits", "siffer", "sifre"}, "[0-9]"},
    {{"sentences", "setninger"}, "[.!?]+(?:\\s|$)"},
  }};
  for (const countable& c : known) {
    if (in.is_word(at, c.names))
      return &c;
  }
  return nullptr;
}

}  // namespace

std::optional<text_source> parser::source_at(std::size_t at) {
  if (in_.is(at, token_kind::file))
    return text_source{in_.at(at).text, ""};
  if (in_.is(at, token_kind::quoted))
    return text_source{"", in_.at(at).text};
  return std::nullopt;
}

/// The text that a wish at `at` is about: behind it in its sentence, before it, the file that was
/// named last, or what follows a colon. Takes its token.
std::optional<text_source> parser::text_near(std::size_t at) {
  const auto [begin, end] = in_.sentence(at);
  for (std::size_t i = at; i < end; ++i) {
    auto source = source_at(i);
    if (source && !is_target(i)) {
      in_.use(i, i + 1);
      return source;
    }
  }
  for (std::size_t i = begin; i < at; ++i) {
    auto source = source_at(i);
    if (source && !is_target(i)) {
      in_.use(i, i + 1);
      return source;
    }
  }
  for (std::size_t i = at; i < end; ++i) {
    if (!in_.is_symbol(i, ":") || i + 1 >= in_.size())
      continue;
    std::size_t last = i + 1;
    while (last < in_.size() && !in_.is_symbol(last, "\n"))
      ++last;
    text_source rest{"", in_.text(i + 1, last)};
    in_.use(i, last);
    return rest;
  }
  for (std::size_t i = plan_.goals.size(); i-- > 0;) {
    goal& g = plan_.goals[i];
    if (g.literal)
      return text_source{"", *g.literal};
    if (g.kind == goal_kind::show_file || !g.text.path.empty() || !g.text.literal.empty()) {
      if (g.kind == goal_kind::show_file
          && !in_.holds(0, in_.size(), {"show", "tell me what", "what it says", "print", "vis"}))
        g.silent = true;
      return g.text;
    }
  }
  for (std::size_t i = begin; i-- > 0;) {
    if (auto source = source_at(i)) {
      in_.use(i, i + 1);
      return source;
    }
  }
  return std::nullopt;
}

/// "how many words are in notes.txt", "count the lines of …", "tell ordene i …".
std::size_t parser::counted(std::size_t at) {
  std::size_t kind_at = at;
  std::size_t lead = in_.phrase(at, {"how many", "number of", "the number of", "count", "count the",
                                     "count all", "count all the", "count how many", "word count",
                                     "hvor mange", "antall", "tell", "tell opp"});
  if (lead == 0)
    return 0;
  kind_at = at + lead;
  kind_at += in_.phrase(kind_at, {"the", "all", "all the", "its", "their", "how many", "alle"});
  std::string_view pattern = "\\S+";
  std::string what = say("words", "ord");
  std::size_t end = kind_at;
  if (!in_.reads(at, "word count")) {
    const countable* const kind = countable_at(in_, kind_at);
    if (kind == nullptr)
      return 0;
    pattern = kind->pattern;
    what = in_.at(kind_at).text;
    end = kind_at + 1;
  }
  in_.use(at, end);
  auto source = text_near(end);
  if (!source) {
    const std::string* answer =
      answer_or_ask(say("Which text or file should I look at for the ",
                        "Hvilken tekst eller fil skal jeg se p\u00e5 for ")
                    + what + "?");
    if (answer == nullptr)
      return 0;
    source = text_source{"", *answer};
    for (const token& t : lex(*answer, plan_.norwegian)) {
      if (t.kind == token_kind::file)
        source = text_source{t.text, ""};
    }
  }
  goal g;
  g.kind = goal_kind::count;
  g.subject = what;
  g.pattern = std::string{pattern};
  g.text = std::move(*source);
  return add(std::move(g), at, end);
}

/// "how many times does "berth" occur in notes.txt".
std::size_t parser::occurrences(std::size_t at) {
  const auto lead = in_.phrase(
    at, {"how many times", "how often", "number of times", "hvor mange ganger", "hvor ofte"});
  if (lead == 0)
    return 0;
  const std::size_t end = in_.sentence(at).second;
  std::size_t i = at + lead;
  std::string needle;
  for (; i < end && needle.empty(); ++i) {
    if (in_.is(i, token_kind::quoted))
      needle = in_.at(i).text;
    else if (in_.is_word(i, {"word", "ordet", "letter", "bokstaven"})
             && in_.is(i + 1, token_kind::word))
      needle = in_.text(i + 1, i + 2);
  }
  if (needle.empty())
    return 0;
  in_.use(at, in_.is(i, token_kind::word) && in_.text(i, i + 1) == needle ? i + 1 : i);
  auto source = text_near(i);
  if (!source)
    return 0;
  goal g;
  g.kind = goal_kind::count;
  g.subject = '"' + needle + '"';
  g.pattern = exact_pattern(needle);
  g.text = std::move(*source);
  return add(std::move(g), at, i);
}

/// "compare old.txt with new.txt", "what differs between "a" and "b"".
std::size_t parser::compared(std::size_t at) {
  if (in_.phrase(at, {"compare", "diff", "differences", "difference", "differs", "differ",
                      "changed", "sammenlign", "forskjellen", "forskjeller"})
      == 0)
    return 0;
  const std::size_t end = in_.sentence(at).second;
  std::vector<text_source> sources;
  std::size_t last = at;
  for (std::size_t i = at; i < end && sources.size() < 2; ++i) {
    if (auto source = source_at(i)) {
      sources.push_back(std::move(*source));
      last = i;
    }
  }
  if (sources.size() < 2)
    return 0;
  goal g;
  g.kind = goal_kind::compare;
  g.text = std::move(sources[0]);
  g.other = std::move(sources[1]);
  return add(std::move(g), at, last + 1);
}

/// "find all numbers in "…"", "list the e-mail addresses in notes.txt".
std::size_t parser::found(std::size_t at) {
  auto lead = in_.phrase(at, {"find", "list", "extract", "pick out", "get", "which", "what", "finn",
                              "hent ut", "hent", "hvilke"});
  if (lead == 0)
    return 0;
  lead += in_.phrase(at + lead, {"all", "every", "the", "all the", "all of the", "alle"});
  static const std::array<countable, 3> known{{
    {{"numbers", "number", "tall", "tallene"}, "-?[0-9]+(?:[.,][0-9]+)*"},
    {{"e-mail", "email", "e-mails", "emails", "e-post", "e-postadresser", "e-postadressene"},
     "[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]+"},
    {{"dates", "datoer", "datoene"}, "[0-9]{4}-[0-9]{2}-[0-9]{2}"},
  }};
  for (const countable& c : known) {
    if (!in_.is_word(at + lead, c.names))
      continue;
    const std::size_t end = at + lead + 1;
    goal g;
    g.kind = goal_kind::find;
    g.subject = in_.text(at + lead, end);
    g.pattern = std::string{c.pattern};
    const auto [begin, stop] = in_.sentence(at);
    bool has_text = false;
    for (std::size_t i = begin; i < stop; ++i)
      has_text = has_text || (source_at(i) && !is_target(i)) || in_.is_symbol(i, ":");
    auto source = has_text ? text_near(end) : std::nullopt;
    if (!source)
      return 0;
    g.text = std::move(*source);
    return add(std::move(g), at, end);
  }
  return 0;
}

/// "copy a.txt to b.txt".
std::size_t parser::copied(std::size_t at) {
  const auto lead =
    in_.phrase(at, {"copy", "copy the file", "copy file", "kopier", "kopier filen"});
  const auto to = lead != 0 ? in_.phrase(at + lead + 1, {"to", "into", "as", "til"}) : 0;
  if (to == 0 || !in_.is(at + lead, token_kind::file)
      || !in_.is(at + lead + 1 + to, token_kind::file))
    return 0;
  const std::size_t end = at + lead + 2 + to;
  goal from;
  from.kind = goal_kind::show_file;
  from.subject = in_.at(at + lead).text;
  from.text.path = from.subject;
  from.silent = true;
  goal copy;
  copy.kind = goal_kind::write_file;
  copy.subject = copy.path = in_.at(end - 1).text;
  copy.parts = {plan_.goals.size()};
  plan_.goals.push_back(std::move(from));
  return add(std::move(copy), at, end);
}

}  // namespace persona_runtime::rehearsal
