#pragma once
// What the routes see of a connection: one request being answered. No sockets here, so that
// routes are tested without any.

#include "api/http/http_answer.hpp"
#include "api/http/http_request.hpp"
#include "api/http/out_queue.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace persona_runtime::api {

using steady_time = std::chrono::steady_clock::time_point;

class reply_port;

/// Something that answers over a while: a stream of events, a wait. All calls on the connection's
/// thread.
class responder {
public:
  virtual ~responder() = default;
  /// Everything up to `last` has been written to the socket.
  virtual void on_sent(event_seq last) = 0;
  /// The time of wake_at has come.
  virtual void on_wake(reply_port& port, steady_time now) = 0;
  /// The request is over: answered, or the client is gone. The last call.
  virtual void on_over() = 0;
};

/// The answering side of a connection, for the request that is being answered. Only on the
/// connection's thread.
class reply_port {
public:
  virtual ~reply_port() = default;

  /// For the metrics, and header lines ("X-A: b\r\n") that every answer to this request carries.
  virtual void label(std::size_t route, std::string extra_headers) = 0;

  /// The whole answer; ends the request.
  virtual void answer(http_answer answer) = 0;

  /// The head of an answer that comes in pieces. Then push and flush as often as needed, then
  /// end_stream.
  virtual void begin_stream(const http_answer& head, stream_format format, std::string run) = 0;
  virtual void push(out_item item) = 0;
  virtual void flush() = 0;
  virtual void end_stream() = 0;

  /// Closes the connection at once; ends the request.
  virtual void abort() = 0;

  /// Everything has been written to the socket.
  [[nodiscard]] virtual bool is_all_sent() const = 0;
  /// Bytes of live text that have not.
  [[nodiscard]] virtual std::size_t unsent_live_bytes() const = 0;
  /// When the socket last took a byte.
  [[nodiscard]] virtual steady_time last_progress() const = 0;

  /// Who is told what happens to the connection until the request is over.
  virtual void attach(std::shared_ptr<responder> who) = 0;
  /// Calls the responder's on_wake once, at that time or up to a sweep (250 ms) later.
  virtual void wake_at(steady_time when) = 0;
};

/// The way back to a request from other threads.
class exchange {
public:
  virtual ~exchange() = default;
  /// Runs `work` on the connection's thread, later; drops it when the request is over by then.
  /// Any thread.
  virtual void post(std::function<void(reply_port&)> work) = 0;
};

/// Who answers requests. Called on the threads of the connections.
class request_handler {
public:
  virtual ~request_handler() = default;
  virtual void on_request(http_request request, reply_port& port,
                          std::shared_ptr<exchange> back) = 0;
  /// The answer to bytes that are no request, to a time that has passed, to one connection too
  /// many.
  [[nodiscard]] virtual http_answer on_fault(unsigned status, std::string_view token,
                                             std::string detail) = 0;
};

}  // namespace persona_runtime::api
