#include "bootstrap/cli/event_printer.hpp"

#include "bootstrap/cli/event_lines.hpp"
#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/run_summary.hpp"
#include "bootstrap/cli/terminal_colours.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace persona_runtime::cli {
namespace {

constexpr auto live_bytes_max = std::size_t{4096};
constexpr auto live_rows_max = std::size_t{3};
constexpr auto spinner = std::string_view{"-\\|/"};

struct tone_colours {
  std::string_view label;
  std::string_view text;
};

tone_colours colours_of(line_tone tone) {
  switch (tone) {
  case line_tone::plain:
    return {};
  case line_tone::heading:
    return {sgr::bold, {}};
  case line_tone::call:
    return {sgr::cyan, {}};
  case line_tone::result:
    return {sgr::green, {}};
  case line_tone::problem:
    return {sgr::red, sgr::red};
  case line_tone::question:
    return {sgr::yellow, sgr::bold};
  case line_tone::notice:
    return {sgr::yellow, {}};
  case line_tone::dim:
    return {sgr::dim, sgr::dim};
  }
  return {};
}

std::size_t columns_in(const printer_style& style) {
  return static_cast<std::size_t>(std::clamp(style.width, 40, 1000));
}

}  // namespace

printer_style style_for(int descriptor, const char* term, const char* no_colour) {
  auto style = printer_style{};
  if (isatty(descriptor) == 0)
    return style;
  const auto is_dumb = term == nullptr || std::string_view{term} == "dumb";
  style.spinner = !is_dumb;
  style.colour = !is_dumb && (no_colour == nullptr || *no_colour == '\0');
  auto size = winsize{};
  style.width = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  return style;
}

event_printer::event_printer(std::ostream& out, printer_style style) : out_{out}, style_{style} {
}

event_printer::~event_printer() {
  pause();
}

void event_printer::on_event(std::string_view json) {
  const auto lock = std::lock_guard{mutex_};
  if (style_.json) {
    out_ << safe_json(json) << '\n' << std::flush;
    return;
  }
  auto event = read_event(json, columns_in(style_));
  erase();
  if (style_.shows_questions || event.type != "asking_user")
    for (const auto& line : event.lines)
      print(line);
  out_.flush();
  // A model fallen over, a budget nearly used: these come in the middle of a step.
  const auto is_aside = event.type == "budget" || event.type == "fell_over"
                        || event.type == "compacted" || event.type == "tool_result";
  if (is_aside)
    return;
  live_.clear();
  takes_live_ = event.type == "thinking";
  activity_ = event.type == "asking_user" ? std::string{} : std::move(event.activity);
  place_ = event.step >= 0 ? "step " + figure(event.step + 1) : std::string{};
  if (event.type == "completed")
    output_ = std::move(event.output);
  if (event.type == "finished")
    status_ = std::move(event.status);
}

void event_printer::on_delta(std::string_view data_json) {
  const auto lock = std::lock_guard{mutex_};
  if (!style_.spinner || style_.json || !takes_live_)
    return;
  const auto data = object_of(data_json);
  if (!data)
    return;
  const auto text = text_at(*data, "text");
  const auto reasoning = text_at(*data, "reasoning");
  const auto is_reasoning = text.empty() && !reasoning.empty();
  if (flag_at(*data, "snapshot") || flag_at(*data, "reset") || is_reasoning != live_is_reasoning_)
    live_.clear();
  live_is_reasoning_ = is_reasoning;
  live_.append(is_reasoning ? reasoning : text);
  if (live_.size() > live_bytes_max)
    live_.erase(0, border_at_or_after(live_, live_.size() - live_bytes_max));
}

void event_printer::tick(std::chrono::seconds elapsed) {
  const auto lock = std::lock_guard{mutex_};
  if (!style_.spinner || style_.json || activity_.empty())
    return;
  draw(elapsed);
}

void event_printer::pause() {
  const auto lock = std::lock_guard{mutex_};
  erase();
  out_.flush();
}

void event_printer::note(std::string_view text) {
  const auto lock = std::lock_guard{mutex_};
  if (style_.json)
    return;
  erase();
  out_ << painted(safe_line(text), sgr::dim) << '\n' << std::flush;
}

void event_printer::finish(std::string_view run_status_json) {
  const auto lock = std::lock_guard{mutex_};
  if (style_.json)
    return;
  erase();
  activity_.clear();
  takes_live_ = false;
  if (!run_status_json.empty())
    out_ << summary_lines(run_status_json, style_.colour);
  else
    out_ << answer_lines(output_, style_.colour)
         << (status_.empty() ? std::string{} : "status    " + status_ + '\n');
  out_.flush();
}

void event_printer::print(const event_line& line) {
  const auto colours = colours_of(line.tone);
  const auto indent = std::string(line.in_step ? 2 : 0, ' ');
  auto text = indent + painted(line.label, colours.label);
  const auto used = indent.size() + line.label.size();
  for (std::size_t i = 0; i < line.rows.size(); ++i) {
    const auto gap = i > 0 ? label_columns : std::max(label_columns, used + 1) - used;
    text.append(i > 0 ? "\n" : "").append(gap, ' ').append(painted(line.rows[i], colours.text));
  }
  out_ << text << '\n';
}

std::string event_printer::painted(std::string_view text, std::string_view code) const {
  if (!style_.colour || code.empty() || text.empty())
    return std::string{text};
  return std::string{"\x1b["}.append(code).append("m").append(text).append("\x1b[0m");
}

void event_printer::erase() {
  if (rows_ == 0)
    return;
  out_ << "\r\x1b[2K";
  for (auto i = 1; i < rows_; ++i)
    out_ << "\x1b[1A\x1b[2K";
  rows_ = 0;
}

// Without automatic wrapping (?7l) a row is one row of the terminal, whatever it thinks about the
// width of a character; else erase() would miss some.
void event_printer::draw(std::chrono::seconds elapsed) {
  auto frame = std::string{"\x1b[?7l"};
  auto rows = 1;
  append_live_rows(frame, rows);
  auto status = std::string{spinner[frame_++ % spinner.size()]} + " ";
  status.append(place_).append(place_.empty() ? "" : ": ").append(activity_);
  if (elapsed.count() > 0)
    status.append(", ").append(figure(static_cast<double>(elapsed.count()))).append(" s");
  frame.append(painted(cut_to_columns(status, columns_in(style_) - 1), sgr::dim))
    .append("\x1b[?7h");
  erase();
  out_ << frame << std::flush;
  rows_ = rows;
}

void event_printer::append_live_rows(std::string& frame, int& rows) const {
  const auto text = safe_text(stripped(live_));
  if (text.empty())
    return;
  auto shown = rows_of(text, columns_in(style_) - 3);
  const auto first = shown.size() - std::min(shown.size(), live_rows_max);
  for (auto i = first; i < shown.size(); ++i) {
    frame.append("  ").append(painted(shown[i], live_is_reasoning_ ? sgr::dim : "")).append("\n");
    ++rows;
  }
}

}  // namespace persona_runtime::cli
