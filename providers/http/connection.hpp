#pragma once
// One TCP or TLS connection on an io thread, as bytes and readiness. No HTTP here.

#include "providers/http/tls_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string_view>

namespace persona_runtime {

/// Whoever uses a connection at the moment. Called on the io thread, never from within a call
/// to the connection.
class connection_user {
public:
  virtual void on_connected(const boost::system::error_code& error) = 0;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;

protected:
  ~connection_user() = default;
};

/// Holds no buffers: whoever waits for an answer costs a socket and little else.
class connection : public std::enable_shared_from_this<connection> {
public:
  using tcp = boost::asio::ip::tcp;

  explicit connection(boost::asio::io_context& io) : socket_{io.get_executor()} {}

  /// Who is called back from now on, while it lives; none: nobody.
  void use(std::weak_ptr<connection_user> user) { user_ = std::move(user); }

  /// on_connected follows. May be tried again with another endpoint after it failed.
  void connect(const tcp::endpoint& endpoint);
  /// After on_connected without error. handshake() until it is not would_block.
  void begin_tls(const tls_context& context, const std::string& host);
  io_step handshake() { return tls_->handshake(); }
  [[nodiscard]] std::string tls_failure_text() const { return tls_->failure_text(); }

  io_step read(char* to, std::size_t size);
  /// Sends from the two texts in a row, beginning `offset` bytes into them.
  io_step write(std::string_view head, std::string_view body, std::size_t offset);

  /// One on_readable / on_writable per call, when going on makes sense.
  void wait_readable();
  void wait_writable();
  [[nodiscard]] bool is_waiting() const { return waits_ != 0; }

  /// False when the peer has closed an idle connection, or spoke unasked.
  bool is_quiet();
  void close();

private:
  void await(boost::asio::socket_base::wait_type direction, void (connection_user::*then)());

  boost::asio::basic_stream_socket<tcp, boost::asio::io_context::executor_type> socket_;
  std::unique_ptr<tls_session> tls_;
  std::weak_ptr<connection_user> user_;
  int waits_ = 0;
  int attempt_ = 0;  // of connect(): a late outcome of an earlier one is dropped
};

}  // namespace persona_runtime
