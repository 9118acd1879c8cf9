#pragma once
// What a task asks for, as a list of goals that tools can reach.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::rehearsal {

/// A day, as far as the task gives it.
struct day_source {
  std::string iso;         // YYYY-MM-DD; empty: today
  std::int64_t shift = 0;  // in `shift_unit`, to be added
  std::string shift_unit;  // "days" or "weeks"; empty: no shift
  std::string shown;       // how the task puts it
};

/// A text: in the task or in a file.
struct text_source {
  std::string path;     // not empty: read this file
  std::string literal;  // otherwise this
};

enum class goal_kind : std::uint8_t {
  calculate,     // expression
  weekday,       // first
  date,          // first
  days_between,  // first, second
  clock,         // zone
  convert_time,  // time on first in zone, to zone_to
  show_file,     // text.path
  count,         // pattern in text
  find,          // pattern in text
  replace,       // pattern by replacement in text
  compare,       // text, other
  aggregate,     // pattern: sum, average, largest or smallest of the numbers in text
  write_file,    // path; literal, or the results of parts
};

struct goal {
  goal_kind kind = goal_kind::calculate;
  std::string subject;     // how the task puts it: "17 % of 2,480"
  std::string expression;  // calculate: "{2}" stands for the result of goal 2
  std::string result_unit;
  day_source first;
  day_source second;
  bool in_weeks = false;  // days_between
  std::string zone;
  std::string zone_to;
  std::string time;  // HH:MM
  text_source text;
  text_source other;
  std::string pattern;
  std::string replacement;
  std::string path;
  std::optional<std::string> literal;
  std::vector<std::size_t> parts;     // write_file: goals, in order
  std::vector<std::size_t> ordinals;  // write_file: "the second" is 1, until parts are known
  bool silent = false;                // only another goal needs it
  bool appends = false;               // write_file: behind what the file holds
  bool odd_words = false;             // write_file: its clause says more than was understood
  bool refused = false;               // what should come before it was not understood
};

struct plan {
  bool norwegian = false;
  std::vector<goal> goals;
  std::vector<std::string> not_understood;  // parts of the task, as written
  std::optional<std::string> question;      // something is missing: ask this first
  std::vector<std::string> assumed;         // what was taken for granted, as sentences
};

inline constexpr std::size_t goals_max = 24;
inline constexpr std::size_t tokens_read_max = 2000;

/// What `task` asks for. `answers`: what the user said to earlier questions, oldest first. The
/// same arguments always give the same plan.
[[nodiscard]] plan make_plan(std::string_view task, const std::vector<std::string>& answers);

}  // namespace persona_runtime::rehearsal
