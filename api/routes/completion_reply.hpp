#pragma once
// One completion on its way to its client: whole, or in pieces.

#include "api/completion_backend.hpp"
#include "api/http/exchange.hpp"
#include "api/routes/completion_json.hpp"
#include "api/routes/event_stream.hpp"
#include "domain/text/stop_filter.hpp"

#include <memory>
#include <mutex>

namespace persona_runtime::api {

struct completion_shape {
  std::string model;  // as the client wrote it
  bool stream = false;
  bool include_usage = false;
  std::vector<std::string> stop{};
  std::int64_t created = 0;  // seconds since the Unix epoch
};

/// Answers POST /v1/chat/completions. The engine's calls fill an inbox and wake the connection's
/// thread once for all that arrives until then.
///
/// The head of a stream waits for the first piece, or one heartbeat: what fails before has a
/// status of its own, what fails later is an `error` frame without [DONE]. A client that goes away
/// lets go of the completion. One that does not read is cut off, as viewers are
/// (settings.live_bytes_max).
class completion_reply final : public completion_listener,
                               public responder,
                               public std::enable_shared_from_this<completion_reply> {
public:
  completion_reply(std::shared_ptr<exchange> back, completion_shape shape,
                   event_stream_settings settings);

  /// On the connection's thread, once.
  void start(reply_port& port, const caller& who, completion_request what,
             completion_backend& engine);

  // completion_listener: any thread
  void on_text(std::string piece) override;
  void on_end(completion_end what) override;
  void on_refused(const failure& why) override;

  // responder: the connection's thread
  void on_sent(event_seq) override {}
  void on_wake(reply_port& port, steady_time now) override;
  void on_over() override;

private:
  [[nodiscard]] bool is_settled() const { return is_closed_ || ended_ || refused_; }
  void wake_connection();
  void drain(reply_port& port);
  void refuse(reply_port& port, const failure& why);
  void send_text(reply_port& port, const std::string& text);
  void finish(reply_port& port, completion_end end);
  void finish_whole(reply_port& port, completion_end end);
  void finish_stream(reply_port& port, const completion_end& end);
  void send_head(reply_port& port);
  void push_data(reply_port& port, std::string json);

  const std::shared_ptr<exchange> back_;
  const completion_shape shape_;
  const event_stream_settings settings_;

  std::mutex mutex_;  // guards the next six
  std::string inbox_;
  std::optional<completion_end> ended_;
  std::optional<failure> refused_;
  bool is_closed_ = false;  // nothing is taken in any more
  bool is_woken_ = false;
  bool is_over_full_ = false;

  // The connection's thread only.
  std::unique_ptr<completion_handle> handle_;
  completion_head head_;
  stop_filter filter_;
  bool has_head_ = false;
  bool is_over_ = false;
};

}  // namespace persona_runtime::api
