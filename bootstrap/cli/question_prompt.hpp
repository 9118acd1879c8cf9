#pragma once
// Puts a question of a run to whoever sits at the terminal.

#include "domain/text/question.hpp"

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::cli {

inline constexpr std::size_t answer_bytes_max = 64u << 10;  // of one line; the rest is dropped

/// What an `asking_user` event asks. Texts as they came, not safe for a terminal.
struct asked_question {
  std::string id;  // `question_id`
  std::string question;
  std::vector<question_option> options;  // at most 9
};

/// None when `event_json` is no `asking_user` event.
[[nodiscard]] std::optional<asked_question> question_of(std::string_view event_json);

/// Prints the question, its options numbered from 1, and a prompt.
void put(const asked_question& question, std::ostream& out);

/// What the line answers: the number of an option gives that option's label; any other line, an
/// empty one too, is the answer itself.
[[nodiscard]] std::string answer_of(const asked_question& question, std::string line);

/// Puts the question and reads one line, without its end. None at the end of `in`. Blocks as long
/// as `in` does.
[[nodiscard]] std::optional<std::string> ask(const asked_question& question, std::istream& in,
                                             std::ostream& out);

}  // namespace persona_runtime::cli
