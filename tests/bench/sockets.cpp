#include "tests/bench/sockets.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace persona_runtime::bench {
namespace {

constexpr auto ready_max = 512;
constexpr auto backlog = 4096;

sockaddr_in loopback(std::uint16_t port) {
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_at_once(int fd) {
  const auto on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

epoll_event entry(std::uint64_t id, bool reads, bool writes) {
  auto event = epoll_event{};
  event.events = (reads ? EPOLLIN : 0u) | (writes ? EPOLLOUT : 0u);
  event.data.u64 = id;
  return event;
}

std::optional<std::size_t> outcome_of(ssize_t count) {
  if (count >= 0)
    return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return 0;
  return std::nullopt;
}

}  // namespace

owned_fd& owned_fd::operator=(owned_fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void owned_fd::reset() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

std::uint64_t raise_descriptor_limit() {
  auto limit = rlimit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

owned_fd listen_on(std::uint16_t port) {
  auto listener = owned_fd{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const auto on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto address = loopback(port);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
      || ::listen(listener.get(), backlog) != 0)
    return {};
  return listener;
}

std::uint16_t port_of(const owned_fd& listener) {
  auto address = sockaddr_in{};
  auto size = socklen_t{sizeof address};
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

owned_fd accept_from(const owned_fd& listener) {
  auto accepted =
    owned_fd{::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (accepted.is_open())
    send_at_once(accepted.get());
  return accepted;
}

owned_fd connect_to(std::uint16_t port) {
  auto fd = owned_fd{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd.is_open())
    return fd;
  send_at_once(fd.get());
  const auto address = loopback(port);
  const auto begun =
    ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return begun == 0 || errno == EINPROGRESS ? std::move(fd) : owned_fd{};
}

std::optional<std::size_t> send_some(int fd, std::string_view bytes) {
  return outcome_of(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

std::optional<std::size_t> read_some(int fd, char* into, std::size_t room) {
  const auto count = ::recv(fd, into, room, 0);
  return count == 0 ? std::nullopt : outcome_of(count);
}

epoll_set::epoll_set() : fd_{::epoll_create1(EPOLL_CLOEXEC)}, ready_{new epoll_event[ready_max]} {
}

epoll_set::~epoll_set() {
  delete[] ready_;
}

void epoll_set::add(int fd, std::uint64_t id, bool reads, bool writes) {
  auto event = entry(id, reads, writes);
  ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event);
}

void epoll_set::change(int fd, std::uint64_t id, bool reads, bool writes) {
  auto event = entry(id, reads, writes);
  ::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event);
}

int epoll_set::wait_for_some(std::chrono::nanoseconds wait_max) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wait_max);
  const auto limit = timespec{seconds.count(), (wait_max - seconds).count()};
  return ::epoll_pwait2(fd_.get(), ready_, ready_max, wait_max.count() < 0 ? nullptr : &limit,
                        nullptr);
}

std::uint64_t epoll_set::id_at(int index) const {
  return ready_[index].data.u64;
}

bool epoll_set::is_readable(int index) const {
  return (ready_[index].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0;
}

bool epoll_set::is_writable(int index) const {
  return (ready_[index].events & EPOLLOUT) != 0;
}

}  // namespace persona_runtime::bench
