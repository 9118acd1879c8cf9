#pragma once
// Non-blocking sockets on the loopback interface, for the programs that measure. No library: what
// is measured must not be what measures.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

struct epoll_event;

namespace persona_runtime::bench {

/// What is read at once.
inline constexpr auto read_bytes = std::size_t{64} << 10;

using bench_clock = std::chrono::steady_clock;
using bench_time = bench_clock::time_point;

/// Closes what it holds. Movable.
class owned_fd {
public:
  owned_fd() = default;
  explicit owned_fd(int fd) : fd_{fd} {}
  owned_fd(owned_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  owned_fd& operator=(owned_fd&& other) noexcept;
  ~owned_fd() { reset(); }
  void reset();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// The soft limit of open files becomes the hard one. Answers that.
std::uint64_t raise_descriptor_limit();

/// Listens on 127.0.0.1; port 0 picks one. Not open when that fails.
owned_fd listen_on(std::uint16_t port);
/// The port of a listening socket.
std::uint16_t port_of(const owned_fd& listener);
/// Not open when nobody waits (any more).
owned_fd accept_from(const owned_fd& listener);
/// Begins to connect; writable when it is done. Not open when no descriptor or port is left.
owned_fd connect_to(std::uint16_t port);

/// Bytes sent or read, 0 when the socket would block, null when the connection is broken.
std::optional<std::size_t> send_some(int fd, std::string_view bytes);
/// As above; a peer that has closed counts as broken.
std::optional<std::size_t> read_some(int fd, char* into, std::size_t room);

/// A level-triggered epoll set whose entries are known by a number.
class epoll_set {
public:
  epoll_set();
  void add(int fd, std::uint64_t id, bool reads, bool writes);
  void change(int fd, std::uint64_t id, bool reads, bool writes);
  /// Calls `each(id, readable, writable)` for what is ready within `wait_max`;
  /// negative: for ever.
  template <class Each>
  void wait(std::chrono::nanoseconds wait_max, Each&& each) {
    const auto count = wait_for_some(wait_max);
    for (auto i = 0; i < count; ++i)
      each(id_at(i), is_readable(i), is_writable(i));
  }
  /// Readable while something in it is ready, so that a set can hold sets.
  [[nodiscard]] int descriptor() const { return fd_.get(); }
  epoll_set(const epoll_set&) = delete;
  epoll_set& operator=(const epoll_set&) = delete;
  ~epoll_set();

private:
  int wait_for_some(std::chrono::nanoseconds wait_max);
  [[nodiscard]] std::uint64_t id_at(int index) const;
  [[nodiscard]] bool is_readable(int index) const;
  [[nodiscard]] bool is_writable(int index) const;

  owned_fd fd_;
  epoll_event* ready_;
};

}  // namespace persona_runtime::bench
