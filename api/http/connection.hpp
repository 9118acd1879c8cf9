#pragma once
// One client connection: HTTP/1.1 with keep-alive, one request at a time. Private to this folder
// and http_server.cpp.

#include "api/http/io_loop.hpp"
#include "api/http/request_parser.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace persona_runtime::api {

using edge_socket =
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Lives on its io thread from start() to close(). Sockets are only ever waited for; bytes move
/// with calls that do not block, through space that all connections of a thread share, so that
/// one that is silent holds no buffer. Pipelined requests wait in `input_`.
///
/// Invariants: (1) the phase is `answering` or `streaming` exactly while a request is being
/// answered; (2) only then `serial_` lets work of other threads in; (3) at most one wait for
/// reading and one for writing is pending.
class connection final : public reply_port, public std::enable_shared_from_this<connection> {
public:
  connection(std::shared_ptr<io_loop> loop, edge_socket socket);
  ~connection() override;

  /// `is_refused`: one connection too many; whatever it asks is answered 503.
  void start(bool is_refused);
  void close();
  void close_if_idle();
  void on_due(steady_time now);
  void moved_to(std::size_t slot) { slot_ = slot; }
  /// Work of another thread for the request with that serial.
  void perform(std::uint32_t serial, const std::function<void(reply_port&)>& work);

  // reply_port
  void label(std::size_t route, std::string extra_headers) override;
  void answer(http_answer answer) override;
  void begin_stream(const http_answer& head, stream_format format, std::string run) override;
  void push(out_item item) override;
  void flush() override;
  void end_stream() override;
  void abort() override { close(); }
  [[nodiscard]] bool is_all_sent() const override { return queue_.empty(); }
  [[nodiscard]] std::size_t unsent_live_bytes() const override {
    return queue_.unsent_live_bytes();
  }
  [[nodiscard]] steady_time last_progress() const override { return progress_; }
  void attach(std::shared_ptr<responder> who) override { responder_ = std::move(who); }
  void wake_at(steady_time when) override { wake_ = when; }

private:
  enum class phase : std::uint8_t {
    idle,       // between requests
    header,     // a head has begun
    body,       // a body has begun
    answering,  // the engine has the request
    streaming,  // the answer comes in pieces
    sending,    // the answer is complete and on its way
    leaving,    // everything is sent; waits for the client to close, so that it reads the rest
    closed,
  };

  void wait_readable();
  void on_readable();
  void on_input_end();
  void run_input(std::string_view bytes);
  std::size_t parse(std::string_view bytes);
  void begin_body();
  void begin_request();
  void drop_parser();
  void answer_fault(unsigned status, std::string_view token, std::string detail);
  void enter(phase next);
  void end_request(phase next);
  void wait_writable();
  void on_writable();
  void on_drained();
  void leave();
  void settle();
  [[nodiscard]] steady_time due() const;
  [[nodiscard]] std::chrono::milliseconds time_of_phase() const;
  [[nodiscard]] bool is_open() const { return phase_ != phase::closed; }
  [[nodiscard]] bool is_parsing() const { return phase_ <= phase::body; }
  [[nodiscard]] bool is_engaged() const {
    return phase_ == phase::answering || phase_ == phase::streaming;
  }

  const std::shared_ptr<io_loop> loop_;
  edge_socket socket_;
  std::size_t slot_ = 0;
  std::uint32_t serial_ = 0;
  phase phase_ = phase::idle;
  std::uint8_t route_ = 0;
  bool is_refused_ = false;
  bool is_first_ = true;  // no request has come yet
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_running_input_ = false;
  bool has_input_ended_ = false;
  bool keep_alive_ = true;
  bool is_head_only_ = false;
  bool is_http_1_0_ = false;
  steady_time since_;     // when the phase began
  steady_time progress_;  // when the socket last took a byte, or output began to wait
  steady_time wake_ = steady_time::max();
  std::string input_;  // bytes of requests to come
  std::string extra_headers_;
  std::unique_ptr<request_parser> parser_;
  std::size_t body_room_ = 0;  // taken from the loop's
  std::shared_ptr<responder> responder_;
  out_queue queue_;
};

}  // namespace persona_runtime::api
