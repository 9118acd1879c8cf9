#include "api/http/io_loop.hpp"

#include "api/http/connection.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace persona_runtime::api {
namespace {

using namespace std::chrono_literals;

// A quarter of the shortest time keeps deadlines within 25 %; 250 ms is short enough for people.
std::chrono::milliseconds sweep_period(const api_connections& times) {
  const auto shortest =
    std::min({times.header, times.body, times.idle, times.slow_reader, times.heartbeat});
  return std::clamp<std::chrono::milliseconds>(shortest / 4, 5ms, 250ms);
}

}  // namespace

void loop_door::post(std::function<void()> work) {
  const auto lock = std::lock_guard{mutex_};
  if (context_ != nullptr)
    boost::asio::post(*context_, std::move(work));
}

void loop_door::shut() {
  const auto lock = std::lock_guard{mutex_};
  context_ = nullptr;
}

io_loop::io_loop(boost::asio::io_context& context, const api_connections& times,
                 request_handler& handler, edge_metrics& metrics, std::function<instant()> now,
                 log_ptr log)
  : context_{context}, times_{times}, handler_{handler}, metrics_{metrics}, now_{std::move(now)},
    log_{std::move(log)}, door_{std::make_shared<loop_door>(context)}, period_{sweep_period(times)},
    timer_{context} {
}

void io_loop::start() {
  wait();
}

void io_loop::close_all() {
  is_closed_ = true;
  door_->shut();
  timer_.cancel();
  on_sweep_ = nullptr;
  while (!slots_.empty()) {
    const auto last = slots_.back().who;
    last->close();
  }
}

void io_loop::drain() {
  is_draining_ = true;
  for (auto i = slots_.size(); i-- > 0;) {
    const auto who = slots_[i].who;  // a closed one's place is taken by one that was seen
    who->close_if_idle();
  }
}

std::size_t io_loop::add(std::shared_ptr<connection> who) {
  slots_.push_back({std::move(who), steady_time::max()});
  return slots_.size() - 1;
}

void io_loop::remove(std::size_t slot) {
  if (slot + 1 != slots_.size()) {
    slots_[slot] = std::move(slots_.back());
    slots_[slot].who->moved_to(slot);
  }
  slots_.pop_back();
}

bool io_loop::take_body_room(std::size_t bytes) {
  if (bytes > body_room_)
    return false;
  body_room_ -= bytes;
  return true;
}

std::string_view io_loop::date() {
  const auto now = now_();
  const auto second = now.value / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

void io_loop::wait() {
  timer_.expires_after(period_);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
    if (ec || self->is_closed_)
      return;
    self->sweep();
    self->wait();
  });
}

void io_loop::sweep() {
  const auto now = std::chrono::steady_clock::now();
  // Backwards: a connection that closes is replaced by the last one, which has been seen already.
  for (auto i = slots_.size(); i-- > 0;) {
    if (i < slots_.size() && slots_[i].due <= now) {
      const auto who = slots_[i].who;
      who->on_due(now);
    }
  }
  if (on_sweep_)
    on_sweep_();
}

}  // namespace persona_runtime::api
