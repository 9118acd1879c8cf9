#pragma once
// Shows a run's events while it goes on: live on a terminal, as plain lines in a pipe, as JSON.

#include <chrono>
#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::cli {

struct event_line;

struct printer_style {
  bool colour = false;          // ANSI colours
  bool spinner = false;         // live text and a moving last row: needs a terminal
  bool json = false;            // each event as one JSON line and nothing else
  int width = 100;              // columns; less than 40 counts as 40
  bool shows_questions = true;  // false: whoever asks them on the terminal shows them
};

/// What suits the file behind `descriptor`: all of it for a terminal, plain lines of 100 columns
/// for anything else. `term` and `no_colour` are the variables TERM and NO_COLOR, null when unset:
/// TERM=dumb has neither colour nor spinner, a NO_COLOR that is not empty turns colour off.
[[nodiscard]] printer_style style_for(int descriptor, const char* term, const char* no_colour);

/// Prints one run. Nothing that a model, a tool or a server says can steer the terminal: control
/// characters come out written out. Any thread may call; the stream is used under a lock and
/// outlives the printer. What lives below the last line (text as it comes, the spinner) is drawn
/// by tick() only and taken away before any line is printed.
class event_printer {
public:
  event_printer(std::ostream& out, printer_style style);
  ~event_printer();  // takes away what is live
  event_printer(const event_printer&) = delete;
  event_printer& operator=(const event_printer&) = delete;

  /// One event as JSON text (`run_event::json()`, or an SSE frame's data).
  void on_event(std::string_view json);
  /// The `data` of a `delta`: {"text" or "reasoning", "snapshot"?, "reset"?}. Kept for the next
  /// tick(), its last 4 KiB, while a step is thinking; else dropped.
  void on_delta(std::string_view data_json);
  /// Moves the spinner on and shows the live text. Call it about ten times a second; does nothing
  /// without `spinner`, or while a question waits for its answer. `elapsed`: shown when positive.
  void tick(std::chrono::seconds elapsed = {});
  /// Takes the live rows away, for somebody else who writes to the terminal; tick() draws again.
  void pause();
  /// A line of our own among the events; nothing with `json`. Made safe, not cut.
  void note(std::string_view text);
  /// The end: the answer set apart, then the figures (summary_lines). With an empty text, when no
  /// status could be had: the answer and the status that the events told. Nothing with `json`.
  void finish(std::string_view run_status_json);

private:
  void print(const event_line& line);
  void erase();
  void draw(std::chrono::seconds elapsed);
  void append_live_rows(std::string& frame, int& rows) const;
  [[nodiscard]] std::string painted(std::string_view text, std::string_view code) const;

  std::mutex mutex_;
  std::ostream& out_;
  printer_style style_;
  std::string activity_;  // empty: no spinner
  std::string place_;     // "step 2"
  std::string live_;      // the end of the text that the model is writing; not safe
  std::string output_;
  std::string status_;
  bool live_is_reasoning_ = false;
  bool takes_live_ = false;  // a step is thinking
  int rows_ = 0;             // live rows on the terminal; the cursor is at the end of the last
  unsigned frame_ = 0;
};

}  // namespace persona_runtime::cli
