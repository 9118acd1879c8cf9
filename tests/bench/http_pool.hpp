#pragma once
// Many HTTP requests to one port of this machine over connections that are kept, on one thread.

#include "tests/bench/answer_reader.hpp"
#include "tests/bench/sockets.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::bench {

struct pool_answer {
  int status = 0;    // 0: the connection broke before the answer's end
  std::string body;  // empty when the request had a reader of its own
};

struct pool_request {
  std::string bytes;  // the whole request
  /// Gets the body as it comes; unset: it is collected.
  std::function<void(std::string_view)> on_body;
  /// Called once, after everything else. May send more.
  std::function<void(pool_answer)> on_end;
};

/// A request, ready to be sent. A body makes it JSON.
std::string http_text(std::string_view method, std::string_view target, std::string_view body = {});

class http_pool {
public:
  /// At most `connections_max` at once; what is sent beyond that waits in order.
  http_pool(std::uint16_t port, std::size_t connections_max);

  void send(pool_request request);
  /// Moves on whatever is ready within `wait_max`.
  void turn(std::chrono::nanoseconds wait_max);
  /// Readable while turn() would move something on.
  [[nodiscard]] int descriptor() const { return epoll_.descriptor(); }
  /// Requests that have not ended.
  [[nodiscard]] std::size_t open() const { return waiting_.size() + busy_; }
  [[nodiscard]] std::size_t connections_made() const { return made_; }

private:
  struct link {
    owned_fd fd;
    pool_request request;
    answer_reader reader;
    std::size_t sent = 0;
    std::string body;
    bool is_busy = false;
    bool is_new = true;
    bool waits_writable = false;
  };

  void assign();
  bool open_link(std::size_t& id);
  void begin(std::size_t id, pool_request request);
  void send_more(std::size_t id);
  void on_readable(std::size_t id);
  void take_in(std::size_t id, std::string_view bytes);
  void on_gone(std::size_t id);
  void finish(std::size_t id, bool is_whole);
  void wait_for(std::size_t id, bool writable);
  void close_link(std::size_t id);

  const std::uint16_t port_;
  const std::size_t connections_max_;
  epoll_set epoll_;
  std::vector<std::unique_ptr<link>> links_;
  std::vector<std::size_t> idle_;  // open and not busy
  std::vector<std::size_t> closed_;
  std::deque<pool_request> waiting_;
  std::vector<char> room_;
  std::size_t busy_ = 0;
  std::size_t made_ = 0;
};

}  // namespace persona_runtime::bench
