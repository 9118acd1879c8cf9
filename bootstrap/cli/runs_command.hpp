#pragma once
// `persona runs ...`: looks at and steers the runs of a server (contract §1, §4).

#include "bootstrap/cli/event_printer.hpp"

#include <atomic>
#include <chrono>
#include <iosfwd>
#include <string>
#include <string_view>

namespace persona_runtime::cli {

struct runs_options {
  std::string server = "http://127.0.0.1:8080";
  std::string key_file;  // its first line is the key; goes before `key`
  std::string key;       // from PERSONA_SERVER_KEY; empty: none is sent
  bool json = false;     // print what the server sends, unchanged but for control characters
  printer_style style;   // of `watch`; its `json` is overruled by the one above
  const std::atomic<bool>* stop = nullptr;    // turns true on Ctrl-C; null: nobody stops it
  std::chrono::milliseconds retry_wait{250};  // after a broken stream; doubles up to 10 s
  unsigned tries_max = 8;                     // without any event in between
};

/// Each blocks until done and returns the exit code: 0 done; 1 failed, with one line on `err` that
/// says what to do; 2 options that cannot be meant (server, key file, id); 130 stopped. What was
/// asked for goes to `out`.

/// The newest 50 runs as a table.
int runs_list(const runs_options& options, std::ostream& out, std::ostream& err);

/// One run: task, steps, answer, figures.
int runs_show(const runs_options& options, std::string_view id, std::ostream& out,
              std::ostream& err);

/// Follows the events from the first one to the end of the run, over broken connections. 0 however
/// the run ended.
int runs_watch(const runs_options& options, std::string_view id, std::ostream& out,
               std::ostream& err);

int runs_cancel(const runs_options& options, std::string_view id, std::ostream& out,
                std::ostream& err);

int runs_answer(const runs_options& options, std::string_view id, std::string_view text,
                std::ostream& out, std::ostream& err);

}  // namespace persona_runtime::cli
