#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Writes running text the way a browser lays it out: blanks collapse, blocks stand on lines of
/// their own.
class text_layout {
public:
  explicit text_layout(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  /// Text with its blanks collapsed to one.
  void flow(std::string_view text);
  /// Text to the letter, as in `pre`.
  void verbatim(std::string_view text);
  /// What comes next begins `lines` lines further (1: a new line, 2: after an empty one).
  void break_line(int lines);
  /// At the beginning of what comes next, behind line breaks that are due ("- ", "## ").
  void prefix(std::string_view mark) { prefix_ += mark; }

  /// Where the next text will stand or, with breaks due, before them.
  [[nodiscard]] std::size_t position() const { return out_.size(); }
  /// Makes a link of what was written since `from`, if it is one line with text.
  void link_since(std::size_t from, std::string_view url);
  [[nodiscard]] bool is_full() const { return out_.size() >= bytes_max_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  void open();

  std::size_t bytes_max_;
  std::string out_;
  std::string prefix_;
  int lines_due_ = 0;
  bool blank_due_ = false;
};

}  // namespace persona_runtime
