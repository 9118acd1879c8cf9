#include "providers/http/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace persona_runtime {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

io_step step_of(const error_code& error, std::size_t bytes) {
  if (!error && bytes > 0) {
    return {io_status::done, bytes};
  }
  if (error == asio::error::would_block || error == asio::error::try_again) {
    return {io_status::would_block, 0};
  }
  return {error == asio::error::eof ? io_status::closed : io_status::failed, 0};
}

}  // namespace

void connection::connect(const tcp::endpoint& endpoint) {
  auto error = error_code{};
  auto report = [self = shared_from_this(), attempt = ++attempt_](const error_code& outcome) {
    auto user = self->user_.lock();
    if (user && attempt == self->attempt_) {
      user->on_connected(outcome);
    }
  };
  socket_.close(error);  // an earlier attempt's
  socket_.open(endpoint.protocol(), error);
  if (!error) {
    socket_.non_blocking(true, error);
    socket_.set_option(tcp::no_delay{true}, error);
    error = {};
    socket_.async_connect(endpoint, std::move(report));
    return;
  }
  asio::post(socket_.get_executor(), [report = std::move(report), error] { report(error); });
}

void connection::begin_tls(const tls_context& context, const std::string& host) {
  tls_ = std::make_unique<tls_session>(context, socket_.native_handle(), host);
}

io_step connection::read(char* to, std::size_t size) {
  if (tls_) {
    return tls_->read(to, size);
  }
  auto error = error_code{};
  auto bytes = socket_.read_some(asio::buffer(to, size), error);
  return step_of(error, bytes);
}

io_step connection::write(std::string_view head, std::string_view body, std::size_t offset) {
  auto first = head.substr(std::min(offset, head.size()));
  auto second = body.substr(std::min(offset - std::min(offset, head.size()), body.size()));
  if (!tls_) {
    auto error = error_code{};
    auto both = std::array{asio::buffer(first.data(), first.size()),
                           asio::buffer(second.data(), second.size())};
    auto bytes = socket_.write_some(both, error);
    return step_of(error, bytes);
  }
  // One record for a short head and body together, not two.
  auto record = std::array<char, 16'384>{};
  auto from_first = std::min(first.size(), record.size());
  auto from_second = std::min(second.size(), record.size() - from_first);
  std::memcpy(record.data(), first.data(), from_first);
  if (from_second > 0) {
    std::memcpy(record.data() + from_first, second.data(), from_second);
  }
  return tls_->write(record.data(), from_first + from_second);
}

void connection::wait_readable() {
  if (tls_ && tls_->has_pending()) {
    // Decrypted already: the socket would never tell.
    ++waits_;
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      --self->waits_;
      if (auto user = self->user_.lock()) {
        user->on_readable();
      }
    });
    return;
  }
  auto inverted = tls_ && tls_->wants_write();
  await(inverted ? tcp::socket::wait_write : tcp::socket::wait_read, &connection_user::on_readable);
}

void connection::wait_writable() {
  auto inverted = tls_ && !tls_->wants_write();
  await(inverted ? tcp::socket::wait_read : tcp::socket::wait_write, &connection_user::on_writable);
}

void connection::await(asio::socket_base::wait_type direction, void (connection_user::*then)()) {
  ++waits_;
  socket_.async_wait(direction, [self = shared_from_this(), then](const error_code& error) {
    --self->waits_;
    auto user = self->user_.lock();
    if (user && error != asio::error::operation_aborted) {
      (user.get()->*then)();
    }
  });
}

bool connection::is_quiet() {
  if (tls_) {
    return tls_->is_quiet();
  }
  char unasked = 0;
  auto got = ::recv(socket_.native_handle(), &unasked, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void connection::close() {
  auto error = error_code{};
  user_.reset();
  tls_ = nullptr;  // without close_notify: HTTP's own framing tells what was complete
  socket_.close(error);
}

}  // namespace persona_runtime
