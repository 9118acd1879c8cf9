#include "api/http/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace persona_runtime::api {
namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;

// The engine answers within 10 s; past this it has broken that promise.
constexpr auto answer_time = 20s;
constexpr auto leave_time = 2s;
// Of what the kernel has taken, at most this much may be unsent: more would only hide that a
// viewer has stopped reading.
constexpr auto unsent_in_kernel_max = 64 << 10;
constexpr auto body_joined_max = std::size_t{8} << 10;

void set_option(edge_socket& socket, int level, int name, int value) {
  // Each of these is an improvement only; a socket without it works.
  static_cast<void>(setsockopt(socket.native_handle(), level, name, &value, sizeof value));
}

steady_time now_steady() {
  return std::chrono::steady_clock::now();
}

}  // namespace

connection::connection(std::shared_ptr<io_loop> loop, edge_socket socket)
  : loop_{std::move(loop)}, socket_{std::move(socket)} {
}

connection::~connection() = default;

void connection::start(bool is_refused) {
  is_refused_ = is_refused;
  auto ec = boost::system::error_code{};
  socket_.non_blocking(true, ec);
  if (ec) {
    loop_->metrics().connections_open.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  set_option(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_in_kernel_max);
  set_option(socket_, SOL_SOCKET, SO_KEEPALIVE, 1);
  slot_ = loop_->add(shared_from_this());
  enter(phase::idle);
  progress_ = since_;
  wait_readable();
  settle();
}

void connection::close() {
  if (!is_open())
    return;
  drop_parser();
  end_request(phase::closed);
  auto ec = boost::system::error_code{};
  socket_.close(ec);
  loop_->remove(slot_);
  loop_->metrics().connections_open.fetch_sub(1, std::memory_order_relaxed);
}

void connection::close_if_idle() {
  // One that has just been made may have a request on its way.
  if (phase_ == phase::idle && !is_first_)
    close();
}

// Answers --------------------------------------------------------------------------------------

void connection::label(std::size_t route, std::string extra_headers) {
  route_ = static_cast<std::uint8_t>(route);
  extra_headers_ = std::move(extra_headers);
}

void connection::answer(http_answer answer) {
  if (phase_ != phase::answering)
    return;
  keep_alive_ = keep_alive_ && !answer.close && !loop_->is_draining();
  auto text =
    head_text(answer, {answer.body.size(), false, keep_alive_}, loop_->date(), extra_headers_);
  const auto has_body = !is_head_only_ && answer.status != 204;
  const auto is_joined = has_body && answer.body.size() <= body_joined_max;
  if (is_joined)
    text.append(answer.body);
  push(out_item::of(std::move(text)));
  if (has_body && !is_joined)
    push(out_item::of(std::move(answer.body)));
  loop_->metrics().count_answer(route_, answer.status);
  if (answer.status == 500) {
    loop_->log().write(
      log_level::error, "http", "a request failed inside",
      {{"route", std::string{name_of(static_cast<route_id>(route_))}}, {"cause", answer.cause}});
  }
  end_request(phase::sending);
  flush();
}

void connection::begin_stream(const http_answer& head, stream_format format, std::string run) {
  if (phase_ != phase::answering)
    return;
  const auto chunked = !is_http_1_0_;
  keep_alive_ = keep_alive_ && chunked && !loop_->is_draining();
  push(out_item::of(
    head_text(head, {std::nullopt, chunked, keep_alive_}, loop_->date(), extra_headers_)));
  queue_.frame_as({format, chunked, std::move(run)});
  loop_->metrics().count_answer(route_, head.status);
  extra_headers_ = {};
  input_.shrink_to_fit();
  enter(phase::streaming);
}

void connection::push(out_item item) {
  if (!is_engaged())
    return;
  if (queue_.empty())
    progress_ = now_steady();
  queue_.push(std::move(item));
}

void connection::end_stream() {
  if (phase_ != phase::streaming)
    return;
  push(out_item::mark(out_item::kind::last));
  end_request(phase::sending);
  flush();
}

void connection::flush() {
  if (is_writing_ || !is_open())
    return;
  auto& space = loop_->gathering();
  while (!queue_.empty()) {
    queue_.gather(space);
    auto buffers = std::vector<net::const_buffer>{};
    buffers.reserve(space.pieces.size());
    for (const auto piece : space.pieces) {
      if (!piece.empty())
        buffers.emplace_back(piece.data(), piece.size());
    }
    auto ec = boost::system::error_code{};
    const auto count = socket_.write_some(buffers, ec);
    if (ec == net::error::would_block || ec == net::error::try_again) {
      wait_writable();
      return;
    }
    if (ec) {
      close();
      return;
    }
    progress_ = now_steady();
    loop_->metrics().bytes_out.fetch_add(count, std::memory_order_relaxed);
    const auto last = queue_.consume(space, count);
    if (last && responder_)
      responder_->on_sent(*last);
  }
  on_drained();
}

void connection::wait_writable() {
  is_writing_ = true;
  socket_.async_wait(edge_socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       self->is_writing_ = false;
                       if (ec || !self->is_open())
                         return;
                       self->flush();
                       self->settle();
                     });
}

void connection::on_drained() {
  if (phase_ != phase::sending)
    return;
  if (!keep_alive_) {
    leave();
    return;
  }
  enter(phase::idle);
  if (!is_running_input_ && !input_.empty())
    run_input(std::exchange(input_, {}));
  wait_readable();
}

// Closing with unread input would reset the connection, and the client might lose the answer.
void connection::leave() {
  if (has_input_ended_) {
    close();
    return;
  }
  auto ec = boost::system::error_code{};
  socket_.shutdown(edge_socket::shutdown_send, ec);
  enter(phase::leaving);
  input_ = {};
  wait_readable();
}

// Times ----------------------------------------------------------------------------------------

void connection::enter(phase next) {
  phase_ = next;
  since_ = now_steady();
}

void connection::end_request(phase next) {
  enter(next);
  wake_ = steady_time::max();
  extra_headers_ = {};
  if (const auto who = std::exchange(responder_, nullptr))
    who->on_over();
}

void connection::settle() {
  if (is_open())
    loop_->set_due(slot_, due());
}

std::chrono::milliseconds connection::time_of_phase() const {
  const auto& times = loop_->times();
  switch (phase_) {
  case phase::idle:
    return is_first_ ? times.header : times.idle;
  case phase::header:
    return times.header;
  case phase::body:
    return times.body;
  case phase::answering:
    return answer_time;
  case phase::leaving:
    return leave_time;
  default:
    return std::chrono::milliseconds::max();
  }
}

steady_time connection::due() const {
  auto when = steady_time::max();
  const auto time = time_of_phase();
  if (wake_ != steady_time::max()) {
    when = wake_;
  } else if (time != std::chrono::milliseconds::max()) {
    when = since_ + time;
  }
  if (!queue_.empty())
    when = std::min(when, progress_ + loop_->times().slow_reader);
  return when;
}

void connection::on_due(steady_time now) {
  if (!is_open() || now < due()) {
    settle();
    return;
  }
  if (!queue_.empty() && now >= progress_ + loop_->times().slow_reader) {
    if (phase_ == phase::streaming) {
      loop_->metrics().viewers_cut.fetch_add(1, std::memory_order_relaxed);
    }
    close();
  } else if (responder_ && now >= wake_) {
    wake_ = steady_time::max();
    since_ = now;  // what it asks the engine now has its own time
    const auto who = responder_;
    who->on_wake(*this, now);
  } else if (phase_ == phase::header || phase_ == phase::body) {
    answer_fault(408, "request_timeout", "the request did not arrive in time");
  } else if (phase_ == phase::answering) {
    answer(loop_->handler().on_fault(500, "internal_error", "the engine did not answer in time"));
  } else {
    close();
  }
  settle();
}

}  // namespace persona_runtime::api
