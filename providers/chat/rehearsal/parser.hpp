#pragma once
// Turns the tokens of a task into goals. Goes over the task once from left to right; at every
// token the first rule that fits makes a goal and takes its tokens.

#include "providers/chat/rehearsal/arithmetic.hpp"
#include "providers/chat/rehearsal/plan.hpp"
#include "providers/chat/rehearsal/reader.hpp"
#include "providers/chat/rehearsal/units.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::rehearsal {

/// A pattern (RE2 syntax) that matches just `text`.
[[nodiscard]] std::string exact_pattern(std::string_view text);

class parser {
public:
  parser(std::string_view task, const std::vector<std::string>& answers, bool norwegian);

  [[nodiscard]] plan run();

private:
  struct found_day {
    day_source day;
    std::size_t end = 0;
  };
  struct found_unit {
    unit what;
    std::size_t end = 0;
  };

  // Every rule: the goal's end when it fits at `at`, else 0.
  using rule = std::size_t (parser::*)(std::size_t at);

  // parser_days.cpp
  std::size_t shifted_day(std::size_t at);
  std::size_t day_plus(std::size_t at);
  std::size_t add_to_day(std::size_t at);
  std::size_t between_days(std::size_t at);
  std::size_t until_day(std::size_t at);
  std::size_t lone_day(std::size_t at);
  std::optional<found_day> day_at(std::size_t at);
  std::string year_for(std::size_t at);
  std::optional<std::pair<std::string, std::size_t>> span_unit(std::size_t at);
  std::size_t add_day(day_source day, std::size_t begin, std::size_t end);
  std::size_t add_between(day_source first, day_source second, std::size_t begin, std::size_t end);
  [[nodiscard]] bool wants_weekday(std::size_t at) const;
  void ask_for_day();

  // parser_clocks.cpp
  struct found_zone {
    std::string name;  // IANA
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::size_t clock(std::size_t at);
  std::size_t converted_time(std::size_t at);
  [[nodiscard]] std::optional<found_zone> zone_at(std::size_t at) const;
  [[nodiscard]] std::vector<found_zone> zones_in(std::size_t begin, std::size_t end) const;
  std::string zone_from_user(std::size_t at);

  // parser_rates.cpp
  struct measure {
    amount number;
    std::string noun;  // what it is so many of, or what it is for one of
    std::string unit;  // " kg" of "18.5 kg a crate"
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::size_t priced(std::size_t at);
  [[nodiscard]] std::optional<measure> rate_at(std::size_t at);
  [[nodiscard]] std::optional<measure> rate_of_one(std::size_t at);
  [[nodiscard]] std::optional<measure> quantity_at(std::size_t at);
  [[nodiscard]] std::string thing_before(std::size_t at) const;
  std::size_t totalled(std::size_t at);
  void ask_for_facts();

  // parser_numbers.cpp
  std::size_t converted(std::size_t at);
  std::size_t calculated(std::size_t at);
  [[nodiscard]] std::optional<found_unit> unit_at(std::size_t at) const;
  [[nodiscard]] std::optional<unit> target_unit(std::size_t begin, std::size_t end,
                                                const unit& from) const;
  [[nodiscard]] std::string last_number() const;

  // parser_texts.cpp
  std::size_t counted(std::size_t at);
  std::size_t occurrences(std::size_t at);
  std::size_t compared(std::size_t at);
  std::size_t found(std::size_t at);
  std::size_t copied(std::size_t at);
  std::optional<text_source> text_near(std::size_t at);

  // parser_edits.cpp
  std::size_t replaced(std::size_t at);
  std::size_t appended(std::size_t at);
  std::size_t aggregated(std::size_t at);
  void write_edits_back();
  std::optional<text_source> source_at(std::size_t at);

  // parser_files.cpp
  std::size_t file(std::size_t at);
  std::size_t add_write(std::size_t verb, std::size_t at);
  std::size_t literal_behind(goal& to, std::size_t at);
  void literal_before(goal& to, std::size_t verb, std::size_t at);
  void choose_parts(goal& to, std::size_t verb, std::size_t at) const;
  [[nodiscard]] std::optional<std::size_t> write_verb(std::size_t at) const;
  [[nodiscard]] bool is_target(std::size_t at) const;
  void ask_for_file();
  void finish_writes();
  void refuse_odd_copies();

  // parser.cpp
  std::size_t add(goal g, std::size_t begin, std::size_t end);
  const std::string* answer_or_ask(std::string question);
  [[nodiscard]] std::string say(std::string_view english, std::string_view norwegian) const;
  [[nodiscard]] bool has_foreign_word(std::size_t begin, std::size_t end) const;
  void note_what_is_left();

  reader in_;
  plan plan_;
  const std::vector<std::string>& answers_;
  std::size_t answers_used_ = 0;
  std::vector<std::size_t> shown_;            // tokens of files that are only read
  std::map<std::size_t, std::string> years_;  // by token, from answers
};

}  // namespace persona_runtime::rehearsal
