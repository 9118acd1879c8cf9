#pragma once
// The two marks by which a model says that its text is the result or a question (contract §6
// "Markers", D-4, D-5). A marker counts when only blanks and the Markdown marks * _ # > stand
// between it and the beginning of its line.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace persona_runtime {

inline constexpr std::string_view final_marker = "[FINAL]";
inline constexpr std::string_view ask_marker = "[ASK_USER]";

/// A text without any marker is a question when it holds "?" and is at most this long (code
/// points, without blanks at the ends).
inline constexpr std::size_t heuristic_code_points_max = 300;

/// The result, without blanks at the ends; may be empty.
struct final_output {
  std::string output;
  friend bool operator==(const final_output&, const final_output&) = default;
};

/// A question to the user; empty when the marker stood alone: ask generic_question() then.
struct user_question {
  std::string question;
  friend bool operator==(const user_question&, const user_question&) = default;
};

struct plain_reasoning {
  friend bool operator==(const plain_reasoning&, const plain_reasoning&) = default;
};

using reply_kind = std::variant<final_output, user_question, plain_reasoning>;

/// What a reply without tool calls is: a line-initial final marker wins, then a line-initial ask
/// marker, then the question mark in a short text without a marker.
[[nodiscard]] reply_kind classify_reply(std::string_view text);

/// What follows the last line-initial final marker, or the text before it without markers when
/// nothing but blanks follows. None without such a marker.
[[nodiscard]] std::optional<std::string> find_final(std::string_view text);

/// The text without ask markers. None without a line-initial ask marker.
[[nodiscard]] std::optional<std::string> find_ask(std::string_view text);

/// The text without its line-initial markers, each together with the blanks and marks around it.
[[nodiscard]] std::string without_markers(std::string_view text);

/// Takes line-initial markers out of text that arrives in pieces. All that it gives out, joined,
/// equals without_markers() of all that was fed, however it was cut. Holds back only the beginning
/// of a line that may still become a marker. For one thread.
class delta_filter {
public:
  /// What may be shown now; often all of `delta`, sometimes nothing.
  [[nodiscard]] std::string feed(std::string_view delta);

  /// What was held back at the end of the text. Afterwards the filter is as new.
  [[nodiscard]] std::string flush();

private:
  enum class place : unsigned char { line_begin, in_marker, behind_marker, in_line };

  void take(char c, std::string& out);
  void take_in_marker(char c, std::string& out);

  place place_ = place::line_begin;
  std::string held_;              // of this line, not given out yet
  std::size_t marker_begin_ = 0;  // in held_
};

}  // namespace persona_runtime
