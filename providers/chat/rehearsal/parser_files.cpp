// What is read and what is written.
#include "domain/text/utf8.hpp"
#include "providers/chat/rehearsal/parser.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace persona_runtime::rehearsal {
namespace {

/// Also when another goal has taken the verb: one verb may send things to two files.
bool writes(const reader& in, std::size_t i) {
  return in.holds(i, i + 1,
                  {"write",   "save",    "store",    "put",        "record",  "note",    "log",
                   "output",  "export",  "create",   "make",       "append",  "place",   "print",
                   "dump",    "contain", "contains", "containing", "jot",     "keep",    "enter",
                   "produce", "writing", "saving",   "storing",    "saved",   "written", "stored",
                   "skriv",   "lagre",   "legg",     "noter",      "opprett", "lag",     "f\u00f8r",
                   "send",    "deliver"});
}

bool reads_file(const reader& in, std::size_t i) {
  return in.holds(i, i + 1,
                  {"read", "open", "show", "load", "look", "see", "fetch", "display", "les",
                   "\u00e5pne", "vis", "se"});
}

/// Words between a verb and its file that mean the results, not a text of their own.
bool refers_to_results(const std::string& word) {
  static const std::set<std::string, std::less<>> words{
    "it",       "them",       "both",     "that",       "this",        "these",        "those",
    "the",      "result",     "results",  "answer",     "answers",     "all",          "everything",
    "each",     "outcome",    "outcomes", "value",      "values",      "number",       "numbers",
    "total",    "sum",        "date",     "dates",      "weekday",     "weekdays",     "day",
    "days",     "list",       "of",       "two",        "three",       "four",         "a",
    "an",       "my",         "your",     "first",      "second",      "third",        "fourth",
    "last",     "and",        "down",     "count",      "words",       "percentage",   "figure",
    "figures",  "findings",   "finding",  "then",       "calculation", "calculations", "conversion",
    "product",  "difference", "whole",    "lot",        "new",         "file",         "svar",
    "svaret",   "svarene",    "resultat", "resultatet", "resultatene", "begge",        "det",
    "dette",    "disse",      "dem",      "alt",        "alle",        "tallet",       "tallene",
    "datoen",   "ukedagen",   "ned",      "inn",        "f\u00f8rste", "andre",        "tredje",
    "siste",    "og",         "de",       "to",         "together",    "also",         "i",
    "please",   "in",         "text",     "contents",   "content",     "copy",         "average",
    "distance", "me",         "for",      "us",         "current",     "time",         "amount",
    "amounts",  "price",      "prices",   "cost",       "costs",       "fee",          "rent",
    "bill",     "sale"};
  return words.contains(word);
}

}  // namespace

/// Is the file at `at` one to write? Its preposition and the verb of its sentence say so.
bool parser::is_target(std::size_t at) const {
  if (!in_.is(at, token_kind::file))
    return false;
  const auto [begin, end] = in_.sentence(at);
  std::size_t before = at;
  while (before > begin
         && in_.phrase(before - 1,
                       {"the",   "a",        "an",         "new",   "file",  "files", "called",
                        "named", "text",     "markdown",   "name",  "filen", "fila",  "fil",
                        "en",    "ei",       "ny",         "som",   "heter", "kalt",  "my",
                        "our",   "tekstfil", "tekstfilen", "output"})
              != 0)
    --before;
  std::optional<std::size_t> verb;
  bool any_write = false;
  bool last_reads = false;
  for (std::size_t i = begin; i < end; ++i) {
    const bool write = in_.at(i).kind == token_kind::word && writes(in_, i);
    any_write = any_write || write;
    if (i >= before)
      continue;
    if (write) {
      verb = i;
      last_reads = false;
    } else if (reads_file(in_, i)) {
      last_reads = true;
    }
  }
  if (before == begin)  // "answer.txt should contain …", or a bare name
    return any_write;
  const std::size_t lead = before - 1;
  if (in_.phrase(lead, {"from", "of", "fra", "av", "with"}) != 0 || reads_file(in_, lead))
    return false;
  if (in_.phrase(lead, {"to", "into", "til", "inn"}) != 0)
    return true;
  if (in_.phrase(lead, {"in", "i", "inside"}) != 0
      && in_.holds(begin, end, {"replace", "swap", "change", "substitute", "erstatt", "bytt"}))
    return false;
  if (in_.phrase(lead, {"in", "i", "inside", "on", "p\u00e5", "under", "as", "at"}) != 0)
    return verb && !last_reads ? true : any_write && !last_reads && lead == begin;
  return verb.has_value() && !last_reads;
}

/// Where the words about the file at `at` begin: at the verb of writing, or behind another file.
std::optional<std::size_t> parser::write_verb(std::size_t at) const {
  const std::size_t begin = in_.sentence(at).first;
  for (std::size_t i = at; i-- > begin;) {
    if (writes(in_, i))
      return i;
    if (in_.at(i).kind == token_kind::file)  // "… to a.txt and the second to b.txt"
      return i + 1;
  }
  return std::nullopt;
}

std::size_t parser::file(std::size_t at) {
  if (!in_.is(at, token_kind::file))
    return 0;
  if (!is_target(at)) {
    goal g;
    g.kind = goal_kind::show_file;
    g.text.path = in_.at(at).text;
    shown_.push_back(at);
    return add(std::move(g), at, at + 1);
  }
  const auto verb = write_verb(at);
  return add_write(verb.value_or(at), at);
}

std::size_t parser::add_write(std::size_t verb, std::size_t at) {
  goal g;
  g.kind = goal_kind::write_file;
  g.subject = g.path = in_.at(at).text;
  std::size_t end = literal_behind(g, at);
  if (!g.literal)
    literal_before(g, verb, at);
  if (!g.literal)
    choose_parts(g, verb, at);
  for (std::size_t i = verb + 1; i < at; ++i)
    g.odd_words =
      g.odd_words
      || (has_foreign_word(i, i + 1) && !refers_to_results(in_.at(i).text) && !writes(in_, i));
  // The words between verb and file are about this goal, unless another one has taken them.
  in_.use(verb, at + 1);
  return add(std::move(g), at, end);
}

/// "… todo.txt with the text Buy rope", "… greeting.txt: "hello"". Returns the goal's end.
std::size_t parser::literal_behind(goal& to, std::size_t at) {
  std::size_t next = at + 1;
  const std::size_t end = in_.sentence(at).second;
  const auto strong = in_.phrase(
    next, {"with the text", "with the content", "with the contents", "with the words",
           "with the line", "with text", "with content", "that says", "which says", "saying",
           "containing the text", "containing the words", "containing the line", "and write",
           "med teksten", "med innholdet", "som sier", "med ordene"});
  std::size_t weak = in_.phrase(next, {"containing", "with", "that contains", "which contains",
                                       "that holds", "med", "som inneholder"});
  if (in_.is_symbol(next, ":"))
    weak = 1;
  next += std::max(strong, weak);
  if (next == at + 1)
    return next;
  if (in_.is_symbol(next, ":"))
    ++next;
  if (in_.is(next, token_kind::quoted)) {
    to.literal = in_.at(next).text;
    in_.use(at, next + 1);
    return next + 1;
  }
  if (strong == 0 || in_.reads(at + 1, "and write"))
    return at + 1;
  std::size_t last = next;
  while (last < end && !in_.at(last).used
         && !(in_.at(last).kind == token_kind::symbol
              && std::string_view{".?!;\n"}.find(in_.at(last).text) != std::string_view::npos))
    ++last;
  if (last == next)
    return at + 1;
  to.literal = in_.text(next, last);
  in_.use(at, last);
  return last;
}

/// "write "hello" to greeting.txt", "write hello harbour to greeting.txt".
void parser::literal_before(goal& to, std::size_t verb, std::size_t at) {
  bool plain_words = verb < at;
  bool own_words = false;
  std::size_t last = at;
  while (last > verb + 1
         && in_.phrase(last - 1, {"to", "into", "in", "til", "i", "the", "file", "a", "filen",
                                  "named", "called", "new", "on", "as"})
              != 0)
    --last;
  for (std::size_t i = verb + 1; i < last; ++i) {
    const token& t = in_.at(i);
    if (t.used)
      plain_words = false;
    else if (t.kind == token_kind::quoted) {
      to.literal = t.text;
      in_.use(i, i + 1);
      return;
    } else if (t.kind != token_kind::word
               && !(t.kind == token_kind::symbol && (t.text == "," || t.text == "!"))) {
      plain_words = false;
    } else if (t.kind == token_kind::word && !refers_to_results(t.text)) {
      own_words = true;
    }
  }
  // "the tide table" names something that is not there; "hello harbour" is the text itself.
  const bool names_something =
    in_.phrase(verb + 1, {"the", "my", "our", "your", "its", "their"}) != 0;
  if (plain_words && own_words && !names_something && plan_.goals.empty())
    to.literal = in_.text(verb + 1, last);
}

/// Which results the file gets: the ones that are named, else those since the last file.
void parser::choose_parts(goal& to, std::size_t verb, std::size_t at) const {
  std::vector<std::size_t> all;
  std::vector<std::size_t> fresh;
  for (std::size_t i = 0; i < plan_.goals.size(); ++i) {
    if (plan_.goals[i].kind == goal_kind::write_file) {
      fresh.clear();
      continue;
    }
    all.push_back(i);
    fresh.push_back(i);
  }
  static const std::array<word_list, 4> ordinals{{{"first", "f\u00f8rste", "former"},
                                                  {"second", "andre"},
                                                  {"third", "tredje"},
                                                  {"fourth", "fjerde"}}};
  for (std::size_t i = verb; i < at; ++i) {
    if (in_.at(i).kind == token_kind::file)  // words before it are about that file
      verb = i;
  }
  for (std::size_t n = 0; n < ordinals.size(); ++n) {
    if (in_.holds(verb, at, ordinals.at(n)))
      to.ordinals.push_back(n);
  }
  if (!to.ordinals.empty())
    return;
  if (!all.empty() && in_.holds(verb, at, {"last", "siste", "latter"})) {
    to.parts = {all.back()};
    return;
  }
  const bool everything = in_.holds(verb, at,
                                    {"both", "all", "everything", "results", "answers", "begge",
                                     "alt", "alle", "svarene", "resultatene"});
  to.parts = everything ? all : fresh;
}

/// Something is to be written, and nowhere is a file's name.
void parser::ask_for_file() {
  for (const goal& g : plan_.goals) {
    if (g.kind == goal_kind::write_file)
      return;
  }
  for (std::size_t at = 0; at < in_.size(); ++at) {
    if (!in_.is(at, token_kind::word) || !writes(in_, at))
      continue;
    const std::size_t end = in_.sentence(at).second;
    const bool to_file =
      in_.holds(at, end, {"file", "disk", "fil", "filen", "fila", "textfile", "tekstfil"});
    const bool to_keep = in_.phrase(at, {"save", "store", "lagre"}) != 0
                         && in_.phrase(at + 1, {"it", "them", "both", "that", "this", "the result",
                                                "the results", "the answer", "the answers", "det",
                                                "begge", "svaret", "svarene", "resultatet"})
                              != 0;
    if (!to_file && !to_keep)
      continue;
    const std::string* answer =
      answer_or_ask(say("What should the file be called?", "Hva skal filen hete?"));
    if (answer == nullptr)
      return;
    goal g;
    g.kind = goal_kind::write_file;
    for (const token& t : lex(*answer, plan_.norwegian)) {
      if (t.kind == token_kind::file && g.path.empty())
        g.path = t.text;
    }
    if (g.path.empty()) {
      g.path = say("answer.txt", "svar.txt");
      plan_.assumed.push_back(
        say("You named no file, so I took ", "Du nevnte ingen fil, s\u00e5 jeg brukte ") + g.path
        + ".");
    }
    g.subject = g.path;
    choose_parts(g, at, end);
    add(std::move(g), at, end);
    return;
  }
}

/// A file that was named before its results ("Into a.txt put X and Y") gets what follows.
void parser::finish_writes() {
  std::vector<std::size_t> results;
  for (std::size_t i = 0; i < plan_.goals.size(); ++i) {
    if (plan_.goals[i].kind != goal_kind::write_file)
      results.push_back(i);
  }
  for (goal& g : plan_.goals) {
    for (const std::size_t n : g.ordinals) {
      if (n < results.size())
        g.parts.push_back(results[n]);
    }
  }
  for (std::size_t i = 0; i < plan_.goals.size(); ++i) {
    goal& g = plan_.goals[i];
    if (g.kind != goal_kind::write_file || g.literal || !g.parts.empty())
      continue;
    for (std::size_t k = i + 1;
         k < plan_.goals.size() && plan_.goals[k].kind != goal_kind::write_file; ++k)
      g.parts.push_back(k);
    for (std::size_t k = 0; g.parts.empty() && k < i; ++k) {
      if (plan_.goals[k].kind != goal_kind::write_file)
        g.parts.push_back(k);
    }
  }
}

/// A file would get another one's content as it is, though the task says more about it.
void parser::refuse_odd_copies() {
  for (goal& g : plan_.goals) {
    if (g.kind != goal_kind::write_file || g.literal || g.appends)
      continue;
    const bool copies =
      !g.parts.empty() && std::all_of(g.parts.begin(), g.parts.end(), [this](std::size_t part) {
        return plan_.goals[part].kind == goal_kind::show_file;
      });
    const bool wants_a_part =
      in_.holds(0, in_.size(), {"first",  "second",  "third",       "last",  "line",    "lines",
                                "word",   "words",   "half",        "total", "numbers", "number",
                                "sum",    "average", "f\u00f8rste", "andre", "siste",   "linje",
                                "linjen", "linjene", "ordet",       "ordene"});
    g.refused = copies && (g.odd_words || wants_a_part || has_foreign_word(0, in_.size()));
  }
}

}  // namespace persona_runtime::rehearsal
