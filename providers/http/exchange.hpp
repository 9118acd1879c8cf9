#pragma once
// One request and its answer: from the queue over a connection to the last callback.

#include "providers/http/connection.hpp"
#include "providers/http/http_client.hpp"
#include "providers/http/response_parser.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

class client_core;

using steady_time = std::chrono::steady_clock::time_point;

/// Where a request goes; equal keys may share connections.
struct destination {
  std::string host;
  std::string address;  // numeric, when the caller fixed it
  std::uint16_t port = 0;
  bool tls = false;

  [[nodiscard]] std::string key() const;
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

/// What is left of an http_request once it was checked.
struct prepared_request {
  destination to;
  std::string head;
  std::string body;
  http_timeouts timeouts;
  parser_limits limits;
};

/// Lives on the client's thread, except cancel_soon(). States in the order they are passed:
/// nothing is ever waited for without a due time in the core's table.
class exchange final : public connection_user,
                       public response_receiver,
                       public std::enable_shared_from_this<exchange> {
public:
  exchange(prepared_request request, std::shared_ptr<http_handler> handler, steady_time start);

  // From any thread.
  /// After this no callback begins.
  void cancel_soon() { cancelled_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // From the core.
  void begin(client_core& core);
  void use_kept(std::shared_ptr<connection> kept);
  void connect_with(std::shared_ptr<connection> fresh);
  void on_resolved(const boost::system::error_code& error,
                   const std::vector<connection::tcp::endpoint>& endpoints);
  /// The due time has passed.
  void on_due(steady_time now);
  void fail(http_error_kind kind, std::string detail);
  /// Ends without a callback.
  void drop();
  [[nodiscard]] bool has_ended() const { return phase_ == phase::ended; }
  [[nodiscard]] const destination& to() const { return request_.to; }

  std::size_t slot = 0;  // in the core's table; the core's alone

private:
  enum class phase : std::uint8_t {
    queued,
    resolving,
    connecting,
    securing,
    sending,
    waiting,  // sent; no byte of the body yet
    reading,
    ended,
  };

  void on_connected(const boost::system::error_code& error) override;
  void on_readable() override;
  void on_writable() override;
  void on_parsed_head(http_response_head head) override;
  bool on_parsed_body(std::string_view bytes) override;

  void connect_next();
  void wait_for_answer();
  void forget_request();
  void secure();
  void begin_sending();
  void send_more();
  void arm_read();
  void receive();
  bool take_in(std::string_view fresh);
  void on_peer_gone(bool orderly);
  void complete();
  void end(bool keep_connection);
  void set_phase(phase next, steady_time due);
  [[nodiscard]] std::string due_text(steady_time now) const;
  [[nodiscard]] bool all_sent() const;

  prepared_request request_;
  std::shared_ptr<http_handler> handler_;
  client_core* core_ = nullptr;  // outlives every exchange that has not ended
  std::shared_ptr<connection> connection_;
  std::unique_ptr<response_parser> parser_;  // from the first byte of an answer on
  std::string held_;                         // received, not yet parsed
  std::vector<connection::tcp::endpoint> endpoints_;
  std::size_t endpoint_next_ = 0;
  std::size_t sent_ = 0;
  steady_time total_due_;
  steady_time connect_due_{};
  steady_time first_byte_due_{};
  std::atomic<bool> cancelled_{false};
  phase phase_ = phase::queued;
  bool kept_ = false;      // the connection served somebody before
  bool replaced_ = false;  // a dead kept one was exchanged already
  bool forgot_ = false;    // all is sent, and the request's bytes are given back
  bool head_seen_ = false;
  bool write_broken_ = false;
  bool read_armed_ = false;
};

}  // namespace persona_runtime
