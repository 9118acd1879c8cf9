#pragma once
// What the connections of one io thread share: the way in for other threads, one sweep timer for
// all deadlines, scratch space. Private to this folder and http_server.cpp.

#include "api/api_settings.hpp"
#include "api/http/exchange.hpp"
#include "api/routes/edge_metrics.hpp"
#include "domain/log_sink.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace persona_runtime::api {

class connection;

/// Lets other threads hand work to an io thread for as long as it serves. Any thread.
class loop_door {
public:
  explicit loop_door(boost::asio::io_context& context) : context_{&context} {}
  /// Drops `work` once the door is shut.
  void post(std::function<void()> work);
  void shut();

private:
  std::mutex mutex_;
  boost::asio::io_context* context_;  // null: shut
};

/// Lives on its io thread; only `door` and the settings are for others.
class io_loop : public std::enable_shared_from_this<io_loop> {
public:
  io_loop(boost::asio::io_context& context, const api_connections& times, request_handler& handler,
          edge_metrics& metrics, std::function<instant()> now, log_ptr log);

  void start();
  /// Closes every connection; nothing happens on this loop afterwards.
  void close_all();

  /// Connections register while they are open, and say when they want to be looked at.
  std::size_t add(std::shared_ptr<connection> who);
  void remove(std::size_t slot);
  void set_due(std::size_t slot, steady_time due) { slots_[slot].due = due; }

  /// Called at every sweep, for the listener.
  void on_sweep(std::function<void()> call) { on_sweep_ = std::move(call); }
  /// Answers carry "Connection: close" from now on; connections between two requests are closed.
  void drain();

  [[nodiscard]] bool is_draining() const { return is_draining_; }
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  [[nodiscard]] const api_connections& times() const { return times_; }
  [[nodiscard]] request_handler& handler() { return handler_; }
  [[nodiscard]] edge_metrics& metrics() { return metrics_; }
  [[nodiscard]] log_sink& log() { return *log_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] const std::shared_ptr<loop_door>& door() const { return door_; }
  [[nodiscard]] gather_space& gathering() { return gathering_; }
  [[nodiscard]] std::array<char, 64 << 10>& read_space() { return read_space_; }
  /// Room for a body of so many bytes, until it is given back; false: there is none now.
  [[nodiscard]] bool take_body_room(std::size_t bytes);
  void give_body_room(std::size_t bytes) { body_room_ += bytes; }
  /// The Date header of now.
  [[nodiscard]] std::string_view date();

private:
  struct entry {
    std::shared_ptr<connection> who;
    steady_time due;
  };
  void wait();
  void sweep();

  boost::asio::io_context& context_;
  const api_connections times_;
  request_handler& handler_;
  edge_metrics& metrics_;
  const std::function<instant()> now_;
  const log_ptr log_;
  const std::shared_ptr<loop_door> door_;
  const std::chrono::milliseconds period_;
  boost::asio::steady_timer timer_;
  std::vector<entry> slots_;
  std::function<void()> on_sweep_;
  gather_space gathering_;
  std::array<char, 64 << 10> read_space_{};
  std::size_t body_room_ = large_bodies_bytes_max;
  std::int64_t date_second_ = -1;
  std::string date_;
  bool is_draining_ = false;
  bool is_closed_ = false;
};

}  // namespace persona_runtime::api
