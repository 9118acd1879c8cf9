#pragma once
// A chat as it goes on: shows the frames of its turns, and keeps what the commands tell of them.

#include "bootstrap/cli/question_prompt.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::cli {

struct chat_style {
  bool colour = false;
  int width = 100;  // columns that one line of a tool may take
};

/// Nothing that a model, a tool or a server says can steer the terminal. One thread.
class chat_view {
public:
  enum class turn_state { running, done, cancelled, failed };

  chat_view(std::ostream& out, chat_style style);

  void begin_turn(std::string_view speaker);
  /// A frame of the stream: its name and its data (contract §6 "Chat"). Names that are not known
  /// are passed over.
  void on_frame(std::string_view name, std::string_view data_json);
  /// The turn will not be heard of further: its last line is closed.
  void end_turn();
  /// A line of our own, in brackets.
  void note(std::string_view text);
  /// What was asked for. Keeps its blanks and lines.
  void print(std::string_view text);
  /// An older message, when a conversation is taken up again.
  void show_message(std::string_view speaker, std::string_view text);

  [[nodiscard]] turn_state turn() const { return state_; }
  /// What the last turn asks, until the next one begins.
  [[nodiscard]] const std::optional<asked_question>& question() const { return question_; }
  /// Whether this talk had a turn that failed.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

  void print_memory();
  void print_tier();
  /// Tokens of the turns that were seen here.
  void print_tokens();

private:
  void print_text(std::string_view delta);
  void print_calls(std::string_view data_json);
  void print_result(std::string_view data_json);
  void print_failure(std::string_view data_json);
  void on_done(std::string_view data_json);
  void line(std::string_view text, std::string_view code);
  void close_line();

  std::ostream& out_;
  chat_style style_;
  turn_state state_ = turn_state::done;
  bool is_open_ = false;  // the cursor stands behind text
  bool has_failed_ = false;
  std::optional<asked_question> question_;
  std::vector<std::pair<std::string, std::uint64_t>> recalled_;  // by store, of the last turn
  std::string degraded_;
  std::string tier_;  // of the last answer
  std::uint64_t turns_ = 0;
  std::uint64_t prompt_tokens_ = 0;
  std::uint64_t completion_tokens_ = 0;
};

}  // namespace persona_runtime::cli
