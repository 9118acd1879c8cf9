#include "providers/tools/outside/text_layout.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::string_view html_blanks = " \t\r\n\f";
constexpr std::string_view no_break_space = "\xc2\xa0";

bool is_blank(char c) {
  return html_blanks.find(c) != std::string_view::npos;
}

}  // namespace

/// Writes what is due before a character.
void text_layout::open() {
  if (!out_.empty())
    out_.append(static_cast<std::size_t>(lines_due_), '\n');
  if (!out_.empty() && lines_due_ == 0 && blank_due_)
    out_ += ' ';
  out_ += prefix_;
  prefix_.clear();
  lines_due_ = 0;
  blank_due_ = false;
}

void text_layout::flow(std::string_view text) {
  while (!text.empty() && !is_full()) {
    const auto no_break = text.starts_with(no_break_space);
    if (no_break || is_blank(text.front())) {
      blank_due_ = true;
      text.remove_prefix(no_break ? no_break_space.size() : 1);
      continue;
    }
    auto end = std::min(text.find_first_of(html_blanks), text.size());
    end = std::min(end, text.substr(0, end).find(no_break_space));
    if (lines_due_ > 0 || blank_due_ || !prefix_.empty())
      open();
    out_ += text.substr(0, end);
    text.remove_prefix(end);
  }
}

void text_layout::verbatim(std::string_view text) {
  if (text.empty() || is_full())
    return;
  open();
  out_ += text;
}

void text_layout::break_line(int lines) {
  lines_due_ = std::max(lines_due_, lines);
  blank_due_ = false;
}

void text_layout::link_since(std::size_t from, std::string_view url) {
  const auto first =
    std::find_if_not(out_.begin() + static_cast<std::ptrdiff_t>(from), out_.end(), is_blank);
  if (first == out_.end() || std::find(first, out_.end(), '\n') != out_.end() || is_full())
    return;
  out_.insert(first, '[');
  out_.append("](").append(url).append(")");
}

}  // namespace persona_runtime
