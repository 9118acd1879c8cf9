#pragma once
// What people read of one run event, as lines without colour: pure, one table of types.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::cli {

enum class line_tone { plain, heading, call, result, problem, question, notice, dim };

/// One line, or one item over several rows. Everything in it is safe for a terminal.
struct event_line {
  line_tone tone = line_tone::plain;
  bool in_step = false;  // indented below its step
  std::string label;     // "call", "result"; at most 8 columns
  std::vector<std::string> rows;
};

/// Where the label ends and the text begins.
inline constexpr std::size_t label_columns = 10;

/// What the printer has to know of an event, read once.
struct event_reading {
  std::string type;  // empty: `json` is no event
  double step = -1;
  std::string activity;  // what goes on from now on ("thinking"); empty: nothing that is known
  std::string output;    // of `completed`; as it came, not safe
  std::string status;    // of `finished`; safe
  std::vector<event_line> lines;
};

/// `columns`: of a whole line, 40 or more. Unknown types show their name and data; text that is no
/// event shows as such, cut to a line.
[[nodiscard]] event_reading read_event(std::string_view json, std::size_t columns);

}  // namespace persona_runtime::cli
