#pragma once
// What all exchanges of a client share: connections, queue, names, the one timer.

#include "providers/http/client.hpp"
#include "providers/http/connection_pool.hpp"
#include "providers/http/exchange.hpp"
#include "providers/http/name_cache.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <vector>

namespace persona_runtime {

/// Everything on the io thread.
class client_core : public std::enable_shared_from_this<client_core> {
public:
  client_core(boost::asio::io_context& io, http_client_options options,
              std::shared_ptr<tls_context> tls);

  /// Owns it until end_of(it).
  void begin(std::shared_ptr<exchange> e);
  /// Ends everything without callbacks and refuses what comes later.
  void close();

  // For exchanges.
  /// Gives it a connection, queues it, or fails it. `fresh`: not a kept one.
  void place(exchange& e, bool fresh);
  /// Takes the connection back; keeps it for the next when asked to.
  void release(const std::shared_ptr<connection>& used, const destination& to, bool keep);
  void end_of(exchange& e);
  /// Closes the oldest idle connections, at most `count`; returns how many there were.
  std::size_t close_idle(std::size_t count);
  void set_due(const exchange& e, steady_time due) { table_[e.slot].due = due; }
  void resolve(exchange& e);
  [[nodiscard]] std::chrono::milliseconds resend_within() const { return options_.resend_within; }
  [[nodiscard]] const tls_context& tls() const { return *tls_; }
  /// For one read: nobody else uses it until the handler returns. Its front part is room for
  /// what was held back from the read before.
  [[nodiscard]] std::vector<char>& scratch() { return scratch_; }

private:
  struct entry {
    steady_time due;
    std::shared_ptr<exchange> call;
  };

  bool has_queue_room();
  bool make_room();
  void serve_queue();
  void arm();
  void sweep();

  boost::asio::io_context& io_;
  http_client_options options_;
  std::shared_ptr<tls_context> tls_;
  connection_pool pool_;
  std::shared_ptr<name_cache> names_;
  boost::asio::steady_timer timer_;
  std::vector<entry> table_;  // one per live exchange; swept as a whole
  std::deque<std::weak_ptr<exchange>> queue_;
  std::vector<char> scratch_;
  std::size_t open_ = 0;  // connections, idle ones included
  bool armed_ = false;
  bool serving_ = false;
  bool closed_ = false;
};

}  // namespace persona_runtime
