#pragma once
// An OpenAI-shaped endpoint on one thread that plays the same run for everybody: how far a run is
// is read from its request. For measuring a server with many calls in flight.
//
//   POST /v1/chat/completions   an answer as a stream
//   GET  /figures               what was served, as JSON
//   GET  /recorded/K            the first request with K tool results, byte for byte (record only)

#include "tests/bench/call_reader.hpp"
#include "tests/bench/played_model.hpp"
#include "tests/bench/sockets.hpp"

#include <array>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::bench {

struct simulator_settings {
  std::uint16_t port = 0;
  std::chrono::milliseconds delay{0};      // from the request's last byte to the answer's first
  std::chrono::milliseconds token_gap{0};  // between two pieces of an answer
  answer_shape shape;
  bool record = false;
  bool always_delivers = false;  // the last answer to every request
};

/// What /figures says.
struct simulator_figures {
  std::size_t connections = 0;
  std::size_t connections_max = 0;
  std::size_t calls = 0;
  std::size_t calls_open = 0;
  std::size_t calls_open_max = 0;
  std::size_t calls_broken = 0;  // the client went away before the answer's end
};

class simulator_server {
public:
  /// Listens at once; is_listening() says whether that worked.
  explicit simulator_server(const simulator_settings& settings);

  [[nodiscard]] bool is_listening() const { return listener_.is_open(); }
  [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }
  /// Serves while `goes_on` says so; it is asked at least every 100 ms.
  void run(const std::function<bool()>& goes_on);

private:
  /// A connection, known by its slot. `serial` tells a timer that its call is over.
  struct client {
    owned_fd fd;
    std::uint32_t serial = 0;
    call_reader reader;
    std::string unread;  // requests that came too early
    std::string raw;     // of the request, while recording
    std::size_t answer = 0;
    std::size_t piece = 0;
    std::size_t sent = 0;  // bytes of that piece
    std::string plain;     // an answer that is no played one
    bool is_answering = false;
    bool waits_writable = false;
  };
  struct timer {
    bench_time due;
    std::uint64_t id;
    std::uint32_t serial;
    friend bool operator>(const timer& a, const timer& b) { return a.due > b.due; }
  };

  void accept_all();
  void on_readable(std::uint64_t id);
  void take_in(std::uint64_t id, std::string_view bytes);
  void begin_answer(std::uint64_t id, const read_call& call);
  void answer_plain(std::uint64_t id, const std::string& path);
  void send_answer(std::uint64_t id);
  bool send_piece(std::uint64_t id, std::string_view piece);
  void end_answer(std::uint64_t id);
  void close_client(std::uint64_t id);
  void keep(client& of, std::size_t tool_results);
  void fire_timers();
  [[nodiscard]] std::chrono::nanoseconds time_to_next() const;
  [[nodiscard]] std::string figures_json() const;

  simulator_settings settings_;
  std::array<answer_pieces, calls_per_run> answers_;
  std::array<std::string, calls_per_run> recorded_;
  owned_fd listener_;
  epoll_set epoll_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<std::uint64_t> free_;
  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
  std::vector<char> room_;
  simulator_figures figures_;
};

}  // namespace persona_runtime::bench
