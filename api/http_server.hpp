#pragma once
// The HTTP server: listens, and serves backend over the routes of the API.

#include "api/api_settings.hpp"
#include "api/backend.hpp"
#include "domain/failure.hpp"
#include "domain/log_sink.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// What became of a reload: the body of the answer, of 200 or of 422.
struct reload_answer {
  bool is_done = false;
  std::string json;
};

/// What the server tells others, and asks of them.
struct server_hooks {
  log_ptr log = quiet_log();
  /// No descriptor is left for a client: whoever can spare some may close them. Called on a
  /// context's thread, at most once per sweep; must not block. Empty: nobody can.
  std::function<void()> on_descriptors_short{};
  /// An admin wants the configuration to be read again. Called on a context's thread; must not
  /// block, and calls `done` once, on any thread. Empty: this server cannot.
  std::function<void(std::function<void(reload_answer)> done)> reload{};
};

/// Connections are spread over the contexts, each of which must be run by exactly one thread, and
/// must outlive this and be running when it is stopped or destroyed. `engine` must outlive it
/// too. The functions are for one thread, which is none of the contexts'.
class http_server {
public:
  /// `now` is UTC, called on any thread.
  http_server(std::vector<boost::asio::io_context*> contexts, api_settings settings,
              backend& engine, std::function<instant()> now, server_hooks hooks = {});
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Begins to serve at "127.0.0.1:8080", "[::1]:8080", "localhost:0" (port 0: a free one).
  /// Once. Fails with validation_error when the address is none, is in use, is not ours, when a
  /// key's hash is none, or when it is not loopback and there are no keys.
  [[nodiscard]] result<void> listen(std::string_view address);

  /// "127.0.0.1:43211": what was bound; empty before listen.
  [[nodiscard]] std::string bound_address() const;

  /// No new connections; those that are open close after the answer they are waiting for. When
  /// this returns, connecting is refused.
  void stop_accepting();

  /// Closes every connection at once. When this returns, nothing of the backend is called any
  /// more and its late answers are dropped. Event streams that should end in good order are ended
  /// by the backend before (run_viewer::on_end with shut_down).
  void close_all();

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace persona_runtime
