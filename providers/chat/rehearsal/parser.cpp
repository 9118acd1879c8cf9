#include "providers/chat/rehearsal/parser.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace persona_runtime::rehearsal {
namespace {

/// Words that carry no wish of their own: when nothing else is left of a clause, nothing was
/// missed.
bool is_filler(const std::string& word) {
  static const std::set<std::string, std::less<>> fillers{
    "a",         "an",           "the",         "of",        "for",        "to",
    "in",        "on",           "at",          "by",        "with",       "from",
    "into",      "as",           "and",         "or",        "then",       "is",
    "are",       "was",          "were",        "be",        "will",       "does",
    "do",        "did",          "has",         "have",      "fall",       "falls",
    "it",        "its",          "it's",        "this",      "that",       "these",
    "those",     "them",         "they",        "there",     "both",       "all",
    "each",      "everything",   "i",           "i'd",       "i'm",        "me",
    "my",        "we",           "us",          "our",       "you",        "your",
    "please",    "can",          "could",       "would",     "should",     "need",
    "want",      "like",         "know",        "let",       "what",       "what's",
    "which",     "how",          "much",        "many",      "when",       "who",
    "tell",      "give",         "show",        "say",       "find",       "get",
    "out",       "work",         "figure",      "calculate", "compute",    "determine",
    "evaluate",  "check",        "look",        "up",        "answer",     "answers",
    "result",    "results",      "value",       "values",    "number",     "numbers",
    "total",     "sum",          "file",        "files",     "also",       "too",
    "together",  "well",         "after",       "before",    "first",      "second",
    "third",     "last",         "next",        "finally",   "afterwards", "hello",
    "hi",        "hey",          "dear",        "thanks",    "thank",      "day",
    "days",      "date",         "dates",       "week",      "weekday",    "weekdays",
    "year",      "today",        "now",         "time",      "kroner",     "kr",
    "nok",       "dollars",      "dollar",      "usd",       "euros",      "euro",
    "eur",       "pounds",       "vat",         "tax",       "mva",        "exactly",
    "just",      "only",         "quickly",     "write",     "save",       "store",
    "put",       "record",       "note",        "log",       "create",     "make",
    "read",      "open",         "load",        "convert",   "report",     "back",
    "here",      "so",           "if",          "not",       "no",         "yes",
    "one",       "two",          "three",       "task",      "question",   "questions",
    "things",    "following",    "down",        "contents",  "content",    "including",
    "plus",      "some",         "quick",       "help",      "using",      "use",
    "tools",     "tool",         "calculator",  "s",         "equal",      "equals",
    "percent",   "percentage",   "remind",      "people",    "boats",      "units",
    "text",      "list",         "says",        "same",      "copy",       "backup",
    "duplicate", "unchanged",    "exact",       "whole",     "display",    "print",
    "line",      "lines",        "separate",    "own",       "hva",        "hvilken",
    "hvilket",   "hvor",         "mange",       "mye",       "er",         "var",
    "blir",      "av",           "og",          "i",         "p\u00e5",    "til",
    "fra",       "den",          "det",         "de",        "dem",        "en",
    "ei",        "et",           "som",         "med",       "for",        "s\u00e5",
    "deretter",  "etterp\u00e5", "begge",       "svar",      "svaret",     "svarene",
    "resultat",  "resultatet",   "resultatene", "fil",       "filen",      "fila",
    "jeg",       "meg",          "du",          "kan",       "vil",        "skal",
    "finn",      "ut",           "regn",        "beregn",    "fortell",    "gi",
    "vis",       "skriv",        "lagre",       "legg",      "noter",      "lag",
    "opprett",   "les",          "dag",         "dager",     "dato",       "datoen",
    "ukedag",    "ukedagen",     "faller",      "v\u00e6r",  "snill",      "hei",
    "takk",      "alt",          "alle",        "dette",     "disse",      "tallet",
    "tall",      "ogs\u00e5",    "f\u00f8rst",  "inn",       "ned",        "n\u00e5",
    "n\u00e5r",  "har",          "hvis",        "om",        "eller"};
  return fillers.contains(word);
}

}  // namespace

plan make_plan(std::string_view task, const std::vector<std::string>& answers) {
  const bool norwegian = looks_norwegian(task.substr(0, 4000));
  return parser{task, answers, norwegian}.run();
}

parser::parser(std::string_view task, const std::vector<std::string>& answers, bool norwegian)
  : in_{task,
        [&] {
          auto tokens = lex(task, norwegian);
          tokens.resize(std::min(tokens.size(), tokens_read_max));
          return tokens;
        }()},
    answers_{answers} {
  plan_.norwegian = norwegian;
}

plan parser::run() {
  // The order matters: what needs more words to fit comes first, or "45 days after 2027-03-01"
  // would be taken apart by what needs only a number, or only a date.
  static constexpr std::array rules{
    &parser::copied,     &parser::replaced,    &parser::appended,       &parser::compared,
    &parser::aggregated, &parser::occurrences, &parser::counted,        &parser::found,
    &parser::add_to_day, &parser::shifted_day, &parser::between_days,   &parser::until_day,
    &parser::day_plus,   &parser::clock,       &parser::converted_time, &parser::totalled,
    &parser::priced,     &parser::converted,   &parser::calculated,     &parser::lone_day,
    &parser::file};
  for (std::size_t at = 0; at < in_.size() && plan_.goals.size() < goals_max && !plan_.question;) {
    std::size_t end = 0;
    if (!in_.at(at).used) {
      for (const rule r : rules) {
        end = (this->*r)(at);
        if (end != 0)
          break;
      }
    }
    at = std::max(at + 1, end);
  }
  if (!plan_.question)
    ask_for_day();
  if (!plan_.question)
    ask_for_facts();
  write_edits_back();
  if (!plan_.question)
    ask_for_file();
  finish_writes();
  refuse_odd_copies();
  note_what_is_left();
  return std::move(plan_);
}

std::size_t parser::add(goal g, std::size_t begin, std::size_t end) {
  if (g.subject.empty())
    g.subject = in_.text(begin, end);
  plan_.goals.push_back(std::move(g));
  in_.use(begin, end);
  return end;
}

const std::string* parser::answer_or_ask(std::string question) {
  if (answers_used_ < answers_.size())
    return &answers_[answers_used_++];
  if (!plan_.question)
    plan_.question = std::move(question);
  return nullptr;
}

std::string parser::say(std::string_view english, std::string_view norwegian) const {
  return std::string{plan_.norwegian ? norwegian : english};
}

/// Words that no goal has taken and that carry a wish of their own.
bool parser::has_foreign_word(std::size_t begin, std::size_t end) const {
  for (std::size_t i = begin; i < end; ++i) {
    if (in_.is(i, token_kind::word) && !is_filler(in_.at(i).text))
      return true;
  }
  return false;
}

void parser::note_what_is_left() {
  const auto splits = [this](std::size_t i) {
    const token& t = in_.at(i);
    if (t.used)
      return false;
    if (t.kind == token_kind::symbol)
      return t.text != "-" && t.text != "(" && t.text != ")";
    return t.kind == token_kind::word
           && (t.text == "and" || t.text == "og" || t.text == "then" || t.text == "but");
  };
  for (std::size_t begin = 0; begin < in_.size();) {
    std::size_t end = begin;
    bool touched = false;
    bool foreign = false;
    for (; end < in_.size() && !splits(end); ++end) {
      const token& t = in_.at(end);
      touched = touched || t.used;
      if (!t.used && t.kind == token_kind::word)
        foreign = foreign || !is_filler(t.text);
      else if (!t.used && t.kind != token_kind::symbol)
        foreign = true;
    }
    // A file that is only read says nothing of what should be done with it.
    const bool only_shown = std::any_of(shown_.begin(), shown_.end(),
                                        [&](std::size_t at) { return at >= begin && at < end; });
    bool loose = false;  // something to work with that no goal has taken
    for (std::size_t i = begin; i < end; ++i)
      loose = loose
              || (!in_.at(i).used && in_.at(i).kind != token_kind::word
                  && in_.at(i).kind != token_kind::symbol);
    if ((foreign && (!touched || only_shown)) || loose)
      plan_.not_understood.push_back(in_.text(begin, end).substr(0, 200));
    begin = end + 1;
  }
  if (plan_.not_understood.size() > 8)
    plan_.not_understood.resize(8);
}

}  // namespace persona_runtime::rehearsal
