#pragma once
// A server on 127.0.0.1 that does exactly what a test tells it: right, slow, cut or broken.

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>

struct ssl_st;
struct ssl_ctx_st;

namespace persona_runtime::test {

/// One accepted connection, used by its script on a thread of its own. Every call returns early
/// once the server stops; the socket is closed when the script returns.
class loopback_peer {
public:
  loopback_peer(int socket, int stop_pipe, ssl_st* tls);
  ~loopback_peer();
  loopback_peer(const loopback_peer&) = delete;
  loopback_peer& operator=(const loopback_peer&) = delete;

  /// One request, head and Content-Length body together; empty when the peer went away first.
  std::string read_request();
  /// Sends all of it; false when the peer is gone.
  bool send(std::string_view bytes);
  /// Sends `bytes` in pieces of `piece` bytes, each only when the kernel of the other side has
  /// acknowledged the one before. The reader may still see two pieces at once.
  bool send_in_pieces(std::string_view bytes, std::size_t piece);
  /// Does nothing until the peer closes or the server stops.
  void stall();
  void reset();  // closes with RST
  void close();  // closes with FIN

private:
  bool wait_for(short events);
  /// Waits for a millisecond whether it is closed.
  bool is_open();
  std::size_t receive(char* to, std::size_t size);

  int socket_;
  int stop_pipe_;
  ssl_st* tls_;
  std::string held_;  // received, not yet asked for
};

struct loopback_tls {
  std::string certificate_file;  // PEM
  std::string key_file;          // PEM
};

/// Accepts on a free port until destroyed. Runs `script` once per connection, each on a thread.
class loopback_server {
public:
  using script = std::function<void(loopback_peer&)>;

  explicit loopback_server(script s) : loopback_server{std::move(s), {}} {}
  loopback_server(script s, const loopback_tls& tls);
  ~loopback_server();
  loopback_server(const loopback_server&) = delete;
  loopback_server& operator=(const loopback_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "http://127.0.0.1:PORT" + path; https with TLS.
  [[nodiscard]] std::string url(std::string_view path = "/") const;
  [[nodiscard]] std::size_t accepted() const { return accepted_; }

private:
  void accept_all();
  void serve(int socket);

  script script_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  int stop_pipe_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> accepted_{0};
  std::list<std::thread> peers_;
  std::thread acceptor_;
};

/// "HTTP/1.1 200 OK" with Content-Length and the given type.
std::string plain_answer(std::string_view body, std::string_view type = "text/plain",
                         std::string_view status = "200 OK");
/// The head of a chunked answer; follow it with as_chunk(...) and last_chunk.
std::string chunked_head(std::string_view type, std::string_view status = "200 OK");
std::string as_chunk(std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace persona_runtime::test
