#pragma once
// Follows the event stream of one run over as many connections as it takes.

#include "bootstrap/cli/event_printer.hpp"
#include "bootstrap/cli/run_server.hpp"
#include "providers/http/sse_parser.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::cli {

/// Used once, on one thread. Everything that it is made from outlives it.
class run_watcher {
public:
  run_watcher(run_server& server, event_printer& printer, const runs_options& options,
              std::string_view id);

  /// Prints every event once, in order, until the stream says `end` or there is nothing left
  /// (204). A stream that breaks is joined again behind the last event seen. Returns the exit code
  /// and says on the server's `err` what went wrong.
  int watch();

private:
  /// What to do after one connection.
  enum class outcome { ended, again, failed };

  outcome follow_once();
  outcome judge(const http_reply& reply);
  [[nodiscard]] http_request next_request() const;
  bool on_frame(const sse_event& frame);
  void on_event(const sse_event& frame);
  void tick_when_due();
  void hint_when_asked();

  run_server& server_;
  event_printer& printer_;
  const runs_options& options_;
  std::string id_;
  std::optional<std::uint64_t> cursor_;  // seq of the last event shown
  bool has_ended_ = false;               // `event: end` came
  bool was_joined_ = false;              // some connection got a stream
  bool is_asking_ = false;               // the last event was a question and nobody was told how
  unsigned tries_ = 0;                   // since the last event
  int code_ = 0;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point ticked_;
};

}  // namespace persona_runtime::cli
