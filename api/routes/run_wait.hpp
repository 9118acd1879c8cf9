#pragma once
// POST …/runs?wait=SECONDS: the answer waits for the run's end, as long as the client wants.

#include "api/backend.hpp"
#include "api/http/exchange.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

namespace persona_runtime::api {

/// Watches one run and answers 200 with its RunStatus when it has ended, 202 when the time is up
/// first or the run cannot be watched. A client that goes away ends the watching, not the run.
class run_wait final : public run_viewer,
                       public responder,
                       public std::enable_shared_from_this<run_wait> {
public:
  run_wait(std::shared_ptr<exchange> back, caller who, run_id run, backend& engine);

  /// On the connection's thread, once.
  void start(reply_port& port, std::chrono::milliseconds time);

  // run_viewer: any thread
  void on_events(std::span<const run_event> events) override;
  void on_delta(step_index step, const shared_text& data_json) override;
  void on_end(end why) override;

  // responder: the connection's thread
  void on_sent(event_seq last) override;
  void on_wake(reply_port& port, steady_time now) override;
  void on_over() override;

private:
  void on_watch(result<std::unique_ptr<run_watch>> watch);
  void acknowledge();
  void finish(unsigned status);

  const std::shared_ptr<exchange> back_;
  const caller who_;
  const run_id run_;
  backend& engine_;

  std::mutex mutex_;  // guards the next three
  std::optional<event_seq> next_;
  std::size_t unacknowledged_ = 0;
  bool is_woken_ = false;

  // The connection's thread only.
  std::unique_ptr<run_watch> watch_;
  bool is_finished_ = false;
};

/// The answer to a run that was started or waited for, with its Location.
[[nodiscard]] http_answer run_answer_of(unsigned status, const run_id& run,
                                        std::string status_json);

}  // namespace persona_runtime::api
