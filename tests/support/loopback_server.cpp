#include "tests/support/loopback_server.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <csignal>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace persona_runtime::test {

namespace {

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "content-length:";
  for (std::size_t at = 0; at + name.size() <= head.size(); ++at) {
    auto same = [&](std::size_t i) {
      auto c = head[at + i];
      return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == name[i];
    };
    std::size_t i = 0;
    while (i < name.size() && same(i)) {
      ++i;
    }
    if (i == name.size()) {
      auto from = head.find_first_not_of(' ', at + i);
      std::size_t length = 0;
      std::from_chars(head.data() + from, head.data() + head.size(), length);
      return length;
    }
  }
  return 0;
}

ssl_ctx_st* server_context(const loopback_tls& files) {
  auto* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate_file.c_str()) != 1
      || SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot load the certificate " + files.certificate_file);
  }
  return context;
}

}  // namespace

loopback_peer::loopback_peer(int socket, int stop_pipe, ssl_st* tls)
  : socket_{socket}, stop_pipe_{stop_pipe}, tls_{tls} {
}

loopback_peer::~loopback_peer() {
  close();
}

bool loopback_peer::wait_for(short events) {
  auto watched = std::array<pollfd, 2>{pollfd{socket_, events, 0}, pollfd{stop_pipe_, POLLIN, 0}};
  return socket_ >= 0 && ::poll(watched.data(), watched.size(), 20'000) > 0
         && watched[1].revents == 0;
}

bool loopback_peer::is_open() {
  auto watched = std::array<pollfd, 2>{pollfd{socket_, 0, 0}, pollfd{stop_pipe_, POLLIN, 0}};
  return ::poll(watched.data(), watched.size(), 1) == 0;  // neither hung up nor stopped
}

std::size_t loopback_peer::receive(char* to, std::size_t size) {
  if ((tls_ == nullptr || SSL_pending(tls_) == 0) && !wait_for(POLLIN)) {
    return 0;
  }
  auto got =
    tls_ != nullptr ? SSL_read(tls_, to, static_cast<int>(size)) : ::recv(socket_, to, size, 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::string loopback_peer::read_request() {
  auto bytes = std::array<char, 16'384>{};
  auto need = std::string::npos;
  while (need == std::string::npos || held_.size() < need) {
    if (auto end = held_.find("\r\n\r\n"); need == std::string::npos && end != std::string::npos) {
      need = end + 4 + content_length(held_.substr(0, end));
      continue;
    }
    auto got = receive(bytes.data(), bytes.size());
    if (got == 0) {
      return {};
    }
    held_.append(bytes.data(), got);
  }
  auto request = held_.substr(0, need);
  held_.erase(0, need);
  return request;
}

bool loopback_peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for(POLLOUT)) {
      return false;
    }
    auto sent = tls_ != nullptr
                  ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                  : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool loopback_peer::send_in_pieces(std::string_view bytes, std::size_t piece) {
  while (!bytes.empty()) {
    if (!send(bytes.substr(0, piece))) {
      return false;
    }
    bytes.remove_prefix(std::min(piece, bytes.size()));
    int unsent = 1;
    while (::ioctl(socket_, SIOCOUTQ, &unsent) == 0 && unsent > 0) {
      if (!is_open()) {
        return false;
      }
    }
  }
  return true;
}

void loopback_peer::stall() {
  auto sink = std::array<char, 1024>{};
  while (receive(sink.data(), sink.size()) > 0) {
  }
}

void loopback_peer::reset() {
  auto hard = linger{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(std::exchange(socket_, -1));
}

void loopback_peer::close() {
  if (tls_ != nullptr) {
    if (socket_ >= 0) {
      SSL_shutdown(tls_);
    }
    SSL_free(std::exchange(tls_, nullptr));
  }
  if (socket_ >= 0) {
    ::close(std::exchange(socket_, -1));
  }
}

loopback_server::loopback_server(script s, const loopback_tls& tls) : script_{std::move(s)} {
  if (!tls.certificate_file.empty()) {
    tls_ = server_context(tls);
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0
      || ::listen(listener_, 1024) != 0 || ::pipe(stop_pipe_) != 0
      || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

loopback_server::~loopback_server() {
  ::close(stop_pipe_[1]);  // every poll() sees the hang-up
  acceptor_.join();
  for (auto& peer : peers_) {
    peer.join();
  }
  ::close(stop_pipe_[0]);
  ::close(listener_);
  SSL_CTX_free(tls_);
}

void loopback_server::accept_all() {
  for (;;) {
    auto watched =
      std::array<pollfd, 2>{pollfd{listener_, POLLIN, 0}, pollfd{stop_pipe_[0], POLLIN, 0}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) {
      return;
    }
    auto socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) {
      ++accepted_;
      peers_.emplace_back([this, socket] { serve(socket); });
    }
  }
}

void loopback_server::serve(int socket) {
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ssl_st* tls = nullptr;
  if (tls_ != nullptr) {
    auto patience = timeval{10, 0};  // a client that never speaks must not hang the test
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    tls = SSL_new(tls_);
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) != 1) {
      SSL_free(tls);
      ::close(socket);
      return;
    }
  }
  auto peer = loopback_peer{socket, stop_pipe_[0], tls};
  script_(peer);
}

std::string loopback_server::url(std::string_view path) const {
  return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_)
         + std::string{path};
}

std::string plain_answer(std::string_view body, std::string_view type, std::string_view status) {
  auto answer = std::string{"HTTP/1.1 "};
  answer.append(status).append("\r\nContent-Type: ").append(type);
  answer.append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return answer.append("\r\n\r\n").append(body);
}

std::string chunked_head(std::string_view type, std::string_view status) {
  auto head = std::string{"HTTP/1.1 "};
  head.append(status).append("\r\nContent-Type: ").append(type);
  return head.append("\r\nTransfer-Encoding: chunked\r\n\r\n");
}

std::string as_chunk(std::string_view bytes) {
  auto size = std::array<char, 20>{};
  auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  auto chunk = std::string{size.data(), end};
  return chunk.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace persona_runtime::test
