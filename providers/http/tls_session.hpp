#pragma once
// TLS over a non-blocking socket. OpenSSL works on the descriptor itself: no second set of
// buffers per connection, and its own are given back while nothing is under way.

#include "domain/failure.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace persona_runtime {

/// `closed`: the peer said so in an orderly way. `failed`: broken, refused, or cut off.
enum class io_status : std::uint8_t { done, would_block, closed, failed };

struct io_step {
  io_status status = io_status::done;
  std::size_t bytes = 0;  // moved; > 0 exactly when done
};

/// What certificates are trusted. Shared by all sessions of a client; one thread.
class tls_context {
public:
  /// The system's authorities and, when given, those of a PEM file. Failure: validation_error.
  static result<std::shared_ptr<tls_context>> make(const std::string& extra_ca_file);
  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  [[nodiscard]] ssl_ctx_st* native() const { return context_; }

private:
  explicit tls_context(ssl_ctx_st* context) : context_{context} {}

  ssl_ctx_st* context_;
};

/// The client's side of one connection. Checks the certificate against `host`.
class tls_session {
public:
  /// `socket` is connected, non-blocking and outlives the session. `host`: a name (also sent as
  /// SNI) or a numeric address.
  tls_session(const tls_context& context, int socket, const std::string& host);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  io_step handshake();
  io_step read(char* to, std::size_t size);
  io_step write(const char* from, std::size_t size);
  /// False when the peer has closed or sent something nobody asked for.
  bool is_quiet();

  /// After would_block: the socket must become writable, not readable, to go on.
  [[nodiscard]] bool wants_write() const { return wants_write_; }
  /// read() has something without asking the socket.
  [[nodiscard]] bool has_pending() const;
  /// Why the handshake failed, for a human.
  [[nodiscard]] std::string failure_text() const;

private:
  io_step step_of(int outcome);

  ssl_st* session_;
  std::string host_;
  bool wants_write_ = false;
  std::string failure_;
};

}  // namespace persona_runtime
