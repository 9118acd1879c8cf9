#include "tests/bench/http_pool.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime::bench {
std::string http_text(std::string_view method, std::string_view target, std::string_view body) {
  auto text = std::string{method} + " " + std::string{target}
              + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n";
  if (!body.empty() || method == "POST") {
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
    text += "\r\n";
  }
  return text.append("\r\n").append(body);
}

http_pool::http_pool(std::uint16_t port, std::size_t connections_max)
  : port_{port}, connections_max_{connections_max}, room_(read_bytes) {
}

void http_pool::send(pool_request request) {
  waiting_.push_back(std::move(request));
  assign();
}

void http_pool::assign() {
  while (!waiting_.empty()) {
    auto id = std::size_t{0};
    if (!idle_.empty()) {
      id = idle_.back();
      idle_.pop_back();
    } else if (busy_ >= connections_max_ || !open_link(id)) {
      return;
    }
    auto request = std::move(waiting_.front());
    waiting_.pop_front();
    begin(id, std::move(request));
  }
}

bool http_pool::open_link(std::size_t& id) {
  auto fd = connect_to(port_);
  if (!fd.is_open())
    return false;
  if (closed_.empty()) {
    closed_.push_back(links_.size());
    links_.push_back(std::make_unique<link>());
  }
  id = closed_.back();
  closed_.pop_back();
  auto& made = *links_[id];
  epoll_.add(fd.get(), id, true, true);
  made.fd = std::move(fd);
  made.waits_writable = true;
  ++made_;
  return true;
}

void http_pool::begin(std::size_t id, pool_request request) {
  auto& on = *links_[id];
  on.request = std::move(request);
  on.sent = 0;
  on.is_busy = true;
  ++busy_;
  if (!on.waits_writable)
    send_more(id);
}

void http_pool::turn(std::chrono::nanoseconds wait_max) {
  assign();
  epoll_.wait(wait_max, [this](std::uint64_t id, bool readable, bool writable) {
    auto& on = *links_[id];
    if (writable && on.waits_writable)
      send_more(id);
    if (readable && on.fd.is_open())
      on_readable(id);
  });
}

void http_pool::send_more(std::size_t id) {
  auto& on = *links_[id];
  const auto& bytes = on.request.bytes;
  while (on.sent < bytes.size()) {
    const auto count = send_some(on.fd.get(), std::string_view{bytes}.substr(on.sent));
    if (!count) {
      on_gone(id);
      return;
    }
    if (*count == 0) {
      wait_for(id, true);
      return;
    }
    on.sent += *count;
  }
  wait_for(id, false);
}

void http_pool::wait_for(std::size_t id, bool writable) {
  auto& on = *links_[id];
  if (std::exchange(on.waits_writable, writable) != writable)
    epoll_.change(on.fd.get(), id, true, writable);
}

void http_pool::on_readable(std::size_t id) {
  const auto count = read_some(links_[id]->fd.get(), room_.data(), room_.size());
  if (!count) {
    on_gone(id);
  } else if (*count > 0) {
    take_in(id, {room_.data(), *count});
  }
}

void http_pool::take_in(std::size_t id, std::string_view bytes) {
  auto& on = *links_[id];
  if (!on.is_busy) {
    close_link(id);  // an answer that nobody asked for: the server gives up the connection
    return;
  }
  const auto state = on.reader.feed(bytes, [&on](std::string_view piece) {
    if (on.request.on_body) {
      on.request.on_body(piece);
    } else {
      on.body.append(piece);
    }
  });
  if (state != answer_reader::state::reading)
    finish(id, state == answer_reader::state::complete);
}

void http_pool::on_gone(std::size_t id) {
  auto& on = *links_[id];
  if (!on.is_busy) {
    close_link(id);
  } else if (on.reader.is_untouched() && !on.is_new) {
    // A kept connection that the server had closed meanwhile; the request goes to another one.
    waiting_.push_front(std::move(on.request));
    --busy_;
    on.is_busy = false;
    close_link(id);
    assign();
  } else {
    finish(id, on.reader.end() == answer_reader::state::complete);
  }
}

void http_pool::finish(std::size_t id, bool is_whole) {
  auto& on = *links_[id];
  auto answer = pool_answer{is_whole ? on.reader.status() : 0, std::move(on.body)};
  const auto on_end = std::move(on.request.on_end);
  const auto stays = is_whole && on.reader.keeps_alive();
  on.request = {};
  on.body = {};
  on.reader.reset();
  on.is_busy = false;
  on.is_new = false;
  --busy_;
  if (stays) {
    idle_.push_back(id);
  } else {
    close_link(id);
  }
  if (on_end)
    on_end(std::move(answer));
  assign();
}

void http_pool::close_link(std::size_t id) {
  std::erase(idle_, id);
  *links_[id] = link{};
  closed_.push_back(id);
}

}  // namespace persona_runtime::bench
