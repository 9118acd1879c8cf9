#pragma once
// One viewer of one run: from the engine's thread to the client's connection.

#include "api/backend.hpp"
#include "api/http/exchange.hpp"
#include "api/routes/edge_metrics.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace persona_runtime::api {

struct event_stream_settings {
  std::size_t live_bytes_max = 1 << 20;
  std::chrono::milliseconds heartbeat{15'000};
};

/// Answers GET …/events. The engine's calls put items into an inbox and wake the connection's
/// thread once for all that arrives until then; that thread moves them on.
///
/// The head of the answer waits until it is known whether there is anything to send: a cursor at
/// the end of a run that has ended is answered 204, and a failure has a status of its own.
///
/// Bounds: events that wait for the socket are those that are not acknowledged, and the engine
/// sends only so many of them; a viewer that catches up reads them at its own pace. Of live text,
/// which is not acknowledged, at most live_bytes_max wait (one piece may be larger); a viewer over
/// that has stopped reading and is cut off, as is one that takes no byte for slow_reader.
class event_stream final : public run_viewer,
                           public responder,
                           public std::enable_shared_from_this<event_stream> {
public:
  /// Asks the engine to begin: with whom it speaks, and where the answer goes.
  using beginning = std::function<void(std::shared_ptr<run_viewer> viewer,
                                       backend::on_done<std::unique_ptr<run_watch>> done)>;

  event_stream(std::shared_ptr<exchange> back, watch_request request, stream_format format,
               event_stream_settings settings, edge_metrics& metrics);
  ~event_stream() override;

  /// Begins to watch. On the connection's thread, once.
  void start(reply_port& port, const caller& who, backend& engine);
  /// The same for whatever can be watched.
  void start(reply_port& port, const beginning& begin);

  // run_viewer: any thread
  void on_events(std::span<const run_event> events) override;
  void on_delta(step_index step, const shared_text& data_json) override;
  void on_end(end why) override;

  // responder: the connection's thread
  void on_sent(event_seq last) override;
  void on_wake(reply_port& port, steady_time now) override;
  void on_over() override;

private:
  void wake_connection();
  void on_watch(reply_port& port, result<std::unique_ptr<run_watch>> watch);
  void drain(reply_port& port);
  void send_items(reply_port& port, std::vector<out_item> items);
  void send_head(reply_port& port);
  void finish(reply_port& port, end why);
  void cut(reply_port& port);

  const std::shared_ptr<exchange> back_;
  const watch_request request_;
  const stream_format format_;
  const event_stream_settings settings_;
  edge_metrics& metrics_;

  std::mutex mutex_;  // guards the next five
  std::vector<out_item> inbox_;
  std::size_t inbox_live_bytes_ = 0;
  std::optional<end> ended_;
  bool is_woken_ = false;
  bool is_over_full_ = false;

  // The connection's thread only.
  std::unique_ptr<run_watch> watch_;
  std::optional<event_seq> unacked_;  // sent before watch_ was there
  bool has_head_ = false;
  bool is_over_ = false;
};

}  // namespace persona_runtime::api
