#pragma once
// What the same HTTP requests cost without any engine: one thread that sends recorded bytes, reads
// the answer's framing and throws the rest away.

#include "tests/bench/answer_reader.hpp"
#include "tests/bench/sockets.hpp"

#include <memory>
#include <string>
#include <vector>

namespace persona_runtime::bench {

struct bare_figures {
  std::size_t calls = 0;
  std::size_t broken = 0;
  double seconds = 0;
  double processor_s = 0;
};

class bare_loop {
public:
  /// `requests` are sent in a circle on each of `connections` connections to `port`.
  bare_loop(std::uint16_t port, const std::vector<std::string>& requests, std::size_t connections);

  /// Goes round for `window`, after as long as it takes to connect and a tenth of the window.
  bare_figures run(std::chrono::nanoseconds window);

private:
  struct link {
    owned_fd fd;
    answer_reader reader;
    std::size_t next = 0;  // request
    std::size_t sent = 0;
    bool waits_writable = true;
  };

  void turn_until(bench_time due);
  void send_more(std::size_t id);
  void on_readable(std::size_t id);

  const std::vector<std::string>& requests_;
  epoll_set epoll_;
  std::vector<link> links_;
  std::vector<char> room_;
  std::size_t calls_ = 0;
  std::size_t broken_ = 0;
};

}  // namespace persona_runtime::bench
