#include "providers/http/exchange.hpp"

#include "providers/http/client_core.hpp"

#include <algorithm>
#include <cstring>

namespace persona_runtime {

namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t read_bytes = 64u << 10;
constexpr int reads_in_a_row_max = 16;  // then others get their turn
constexpr auto endpoint_share_min = milliseconds{250};

steady_time now_time() {
  return std::chrono::steady_clock::now();
}

}  // namespace

std::string destination::key() const {
  return (tls ? "s|" : "p|") + host + "|" + std::to_string(port) + "|" + address;
}

exchange::exchange(prepared_request request, std::shared_ptr<http_handler> handler,
                   steady_time start)
  : request_{std::move(request)}, handler_{std::move(handler)}, total_due_{
                                                                  start + request_.timeouts.total} {
}

void exchange::begin(client_core& core) {
  core_ = &core;
  set_phase(phase::queued, total_due_);
  core.place(*this, false);
}

void exchange::use_kept(std::shared_ptr<connection> kept) {
  connection_ = std::move(kept);
  connection_->use(shared_from_this());
  kept_ = true;
  begin_sending();
}

void exchange::connect_with(std::shared_ptr<connection> fresh) {
  connection_ = std::move(fresh);
  connection_->use(shared_from_this());
  kept_ = false;
  connect_due_ = now_time() + request_.timeouts.connect;
  endpoints_.clear();
  endpoint_next_ = 0;
  set_phase(phase::resolving, connect_due_);
  core_->resolve(*this);
}

void exchange::on_resolved(const error_code& error,
                           const std::vector<connection::tcp::endpoint>& endpoints) {
  if (phase_ != phase::resolving) {
    return;
  }
  if (error || endpoints.empty()) {
    fail(http_error_kind::resolve_failed,
         "the name " + request_.to.host + " cannot be resolved: " + error.message());
    return;
  }
  endpoints_ = endpoints;
  connect_next();
}

void exchange::connect_next() {
  // An address that swallows packets must not use up the time of those behind it.
  auto left = endpoints_.size() - endpoint_next_;
  auto share = std::max<std::chrono::nanoseconds>(
    (connect_due_ - now_time()) / static_cast<std::int64_t>(left), endpoint_share_min);
  auto due = left == 1 ? connect_due_ : std::min(connect_due_, now_time() + share);
  set_phase(phase::connecting, due);
  connection_->connect(endpoints_[endpoint_next_++]);
}

void exchange::on_connected(const error_code& error) {
  if (phase_ != phase::connecting) {
    return;
  }
  if (!error) {
    endpoints_ = {};
    if (request_.to.tls) {
      connection_->begin_tls(core_->tls(), request_.to.host);
      set_phase(phase::securing, connect_due_);
      secure();
    } else {
      begin_sending();
    }
    return;
  }
  const auto is_short = error == boost::system::errc::too_many_files_open;
  if (is_short && core_->close_idle(1) > 0) {
    --endpoint_next_;  // its descriptor is free now: the same address again
    connect_next();
  } else if (endpoint_next_ < endpoints_.size()) {
    connect_next();
  } else if (is_short) {
    fail(http_error_kind::refused, "no file descriptor is left for a connection; raise ulimit -n");
  } else {
    fail(http_error_kind::connect_failed,
         "cannot connect to " + request_.to.text() + ": " + error.message());
  }
}

void exchange::secure() {
  switch (connection_->handshake().status) {
  case io_status::done:
    begin_sending();
    break;
  case io_status::would_block:
    arm_read();
    break;
  default:
    fail(http_error_kind::tls_failed, connection_->tls_failure_text());
  }
}

void exchange::begin_sending() {
  sent_ = 0;
  write_broken_ = false;
  read_armed_ = false;
  set_phase(phase::sending, now_time() + request_.timeouts.between);
  send_more();
}

bool exchange::all_sent() const {
  return forgot_ || sent_ == request_.head.size() + request_.body.size();
}

void exchange::send_more() {
  while (!all_sent()) {
    auto step = connection_->write(request_.head, request_.body, sent_);
    if (step.status == io_status::would_block) {
      set_phase(phase::sending, now_time() + request_.timeouts.between);
      connection_->wait_writable();
      break;
    }
    if (step.status != io_status::done) {
      // A peer that answers early and closes breaks the sending; its answer may be there.
      write_broken_ = true;
      break;
    }
    sent_ += step.bytes;
  }
  if (all_sent() || write_broken_) {
    wait_for_answer();
  }
  if (write_broken_) {
    receive();
  } else {
    arm_read();  // also while sending: an early answer ends the wait
  }
}

void exchange::wait_for_answer() {
  first_byte_due_ = now_time() + request_.timeouts.first_byte;
  if (kept_ && !replaced_ && !write_broken_) {
    set_phase(phase::waiting, std::min(first_byte_due_, now_time() + core_->resend_within()));
    return;
  }
  set_phase(phase::waiting, first_byte_due_);
  forget_request();
}

/// A model may think for minutes, and a request is the largest thing that a waiting call holds.
void exchange::forget_request() {
  if (all_sent()) {
    forgot_ = true;
    std::string{}.swap(request_.head);
    std::string{}.swap(request_.body);
  }
}

void exchange::arm_read() {
  if (!read_armed_) {
    read_armed_ = true;
    connection_->wait_readable();
  }
}

void exchange::on_writable() {
  if (phase_ == phase::sending && !is_cancelled()) {
    send_more();
  }
}

void exchange::on_readable() {
  read_armed_ = false;
  if (phase_ == phase::ended || is_cancelled()) {
    return;
  }
  if (phase_ == phase::securing) {
    secure();
  } else {
    receive();
  }
}

void exchange::receive() {
  auto& scratch = core_->scratch();
  for (int reads = 0; reads < reads_in_a_row_max; ++reads) {
    auto before = held_.size();
    scratch.resize(std::max(scratch.size(), before + read_bytes));
    std::memcpy(scratch.data(), held_.data(), before);
    auto step = connection_->read(scratch.data() + before, read_bytes);
    if (step.status == io_status::would_block) {
      break;
    }
    if (step.status != io_status::done) {
      on_peer_gone(step.status == io_status::closed);
      return;
    }
    if (!take_in({scratch.data(), before + step.bytes})) {
      return;
    }
    if (step.bytes < read_bytes && !request_.to.tls) {
      break;  // the socket is drained; waiting tells if not
    }
  }
  arm_read();
}

/// False when the exchange is over.
bool exchange::take_in(std::string_view fresh) {
  if (!parser_) {
    parser_ = make_response_parser(*this, request_.limits);
  }
  auto taken = parser_->feed(fresh);
  if (phase_ == phase::ended) {
    return false;
  }
  switch (parser_->state()) {
  case parse_state::done:
    // More than one answer to one request: the connection is out of step.
    write_broken_ = write_broken_ || taken < fresh.size();
    complete();
    return false;
  case parse_state::failed:
    fail(parser_->error().kind, parser_->error().detail);
    return false;
  case parse_state::stopped:
    drop();
    return false;
  case parse_state::wants_more:
    break;
  }
  held_.assign(fresh.substr(taken));
  if (held_.size() > response_head_bytes_max) {
    fail(http_error_kind::protocol, "a line of the answer's framing is longer than 64 KiB");
    return false;
  }
  if (held_.empty()) {
    held_.shrink_to_fit();
  }
  if (phase_ == phase::reading) {
    core_->set_due(*this, std::min(now_time() + request_.timeouts.between, total_due_));
  }
  return true;
}

void exchange::on_peer_gone(bool orderly) {
  if (!parser_ && kept_ && !replaced_ && !forgot_) {
    replaced_ = true;
    auto dead = std::move(connection_);
    core_->release(dead, request_.to, false);
    core_->place(*this, true);
    return;
  }
  if (parser_ && orderly) {
    parser_->finish();
    if (phase_ == phase::ended) {
      return;
    }
    if (parser_->state() == parse_state::done) {
      complete();
      return;
    }
  }
  fail(http_error_kind::reset, parser_ ? "the connection broke in the middle of the answer"
                                       : "the connection broke before the answer");
}

void exchange::on_parsed_head(http_response_head head) {
  head_seen_ = true;
  if (!is_cancelled()) {
    handler_->on_head(head);
  }
}

bool exchange::on_parsed_body(std::string_view bytes) {
  if (is_cancelled()) {
    return false;
  }
  if (phase_ == phase::waiting) {
    phase_ = phase::reading;
  }
  handler_->on_body(bytes);
  return phase_ != phase::ended && !is_cancelled();
}

void exchange::complete() {
  auto reusable =
    parser_->keeps_alive() && all_sent() && !write_broken_ && !connection_->is_waiting();
  auto handler = handler_;
  auto silent = is_cancelled();
  end(reusable);
  if (!silent) {
    handler->on_end();
  }
}

void exchange::fail(http_error_kind kind, std::string detail) {
  if (phase_ == phase::ended) {
    return;
  }
  auto handler = handler_;
  auto silent = is_cancelled();
  end(false);
  if (!silent) {
    handler->on_error({kind, std::move(detail), head_seen_});
  }
}

void exchange::drop() {
  if (phase_ != phase::ended) {
    end(false);
  }
}

void exchange::end(bool keep_connection) {
  auto self = shared_from_this();  // the core may hold the last reference but this
  phase_ = phase::ended;
  handler_ = nullptr;
  request_.head = {};
  request_.body = {};
  if (core_ == nullptr) {
    return;
  }
  if (auto used = std::move(connection_)) {
    core_->release(used, request_.to, keep_connection);
  }
  core_->end_of(*this);
}

void exchange::set_phase(phase next, steady_time due) {
  phase_ = next;
  core_->set_due(*this, std::min(due, total_due_));
}

void exchange::on_due(steady_time now) {
  if (phase_ == phase::connecting && now < connect_due_ && now < total_due_
      && endpoint_next_ < endpoints_.size()) {
    connect_next();
    return;
  }
  if (phase_ == phase::waiting && now < first_byte_due_ && now < total_due_) {
    core_->set_due(*this, std::min(first_byte_due_, total_due_));
    forget_request();
    return;
  }
  fail(http_error_kind::timeout, due_text(now));
}

std::string exchange::due_text(steady_time now) const {
  const auto& limits = request_.timeouts;
  auto text = [this](const char* limit, milliseconds length, const char* what) {
    return std::string{limit} + " timeout: " + what + " " + request_.to.text() + " within "
           + std::to_string(length.count()) + " ms";
  };
  if (now >= total_due_) {
    return text("total", limits.total, "the whole answer did not come from");
  }
  switch (phase_) {
  case phase::resolving:
  case phase::connecting:
  case phase::securing:
    return text("connect", limits.connect, "no connection to");
  case phase::sending:
    return text("between", limits.between, "no part of the request was taken by");
  case phase::waiting:
    return text("first_byte", limits.first_byte, "no answer from");
  default:
    return text("between", limits.between, "nothing further came from");
  }
}

}  // namespace persona_runtime
