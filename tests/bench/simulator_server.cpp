#include "tests/bench/simulator_server.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto listener_id = ~std::uint64_t{0};
constexpr auto unread_bytes_max = std::size_t{1} << 20;

std::string plain_answer(unsigned status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) + (status == 200 ? " OK" : " Not Found")
         + "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + std::string{body};
}

}  // namespace

simulator_server::simulator_server(const simulator_settings& settings)
  : settings_{settings}, answers_{played_answers(settings.shape)}, listener_{listen_on(
                                                                     settings.port)},
    room_(read_bytes) {
  if (listener_.is_open())
    epoll_.add(listener_.get(), listener_id, true, false);
}

void simulator_server::run(const std::function<bool()>& goes_on) {
  while (goes_on()) {
    epoll_.wait(time_to_next(), [this](std::uint64_t id, bool readable, bool writable) {
      if (id == listener_id) {
        accept_all();
        return;
      }
      if (writable && clients_[id]->waits_writable)
        send_answer(id);
      if (readable && clients_[id]->fd.is_open())
        on_readable(id);
    });
    fire_timers();
  }
}

std::chrono::nanoseconds simulator_server::time_to_next() const {
  if (timers_.empty())
    return 100ms;
  const auto left = timers_.top().due - bench_clock::now();
  return std::clamp<std::chrono::nanoseconds>(left, 0ns, 100ms);
}

void simulator_server::fire_timers() {
  const auto now = bench_clock::now();
  while (!timers_.empty() && timers_.top().due <= now) {
    const auto fired = timers_.top();
    timers_.pop();
    const auto& who = *clients_[fired.id];
    if (who.serial == fired.serial && who.is_answering)
      send_answer(fired.id);
  }
}

void simulator_server::accept_all() {
  for (auto fd = accept_from(listener_); fd.is_open(); fd = accept_from(listener_)) {
    if (free_.empty()) {
      free_.push_back(clients_.size());
      clients_.push_back(std::make_unique<client>());
    }
    const auto id = free_.back();
    free_.pop_back();
    epoll_.add(fd.get(), id, true, false);
    clients_[id]->fd = std::move(fd);
    ++figures_.connections;
    figures_.connections_max = std::max(figures_.connections_max, figures_.connections);
  }
}

void simulator_server::on_readable(std::uint64_t id) {
  const auto count = read_some(clients_[id]->fd.get(), room_.data(), room_.size());
  if (!count) {
    close_client(id);
  } else {
    take_in(id, {room_.data(), *count});
  }
}

void simulator_server::take_in(std::uint64_t id, std::string_view bytes) {
  auto& who = *clients_[id];
  if (who.is_answering) {
    who.unread.append(bytes);
    if (who.unread.size() > unread_bytes_max)
      close_client(id);
    return;
  }
  while (!bytes.empty() && !who.is_answering && who.fd.is_open()) {
    const auto before = bytes;
    const auto state = who.reader.feed(bytes);
    if (settings_.record)
      who.raw.append(before.substr(0, before.size() - bytes.size()));
    if (state == call_reader::state::malformed) {
      close_client(id);
      return;
    }
    if (state == call_reader::state::complete)
      begin_answer(id, who.reader.take());
  }
  if (who.fd.is_open())
    who.unread.assign(bytes);
}

void simulator_server::begin_answer(std::uint64_t id, const read_call& call) {
  auto& who = *clients_[id];
  if (call.is_get) {
    who.raw.clear();
    answer_plain(id, call.path);
    return;
  }
  who.answer =
    settings_.always_delivers ? calls_per_run - 1 : std::min(call.tool_results, calls_per_run - 1);
  who.piece = 0;
  who.sent = 0;
  who.is_answering = true;
  keep(who, who.answer);
  ++figures_.calls;
  ++figures_.calls_open;
  figures_.calls_open_max = std::max(figures_.calls_open_max, figures_.calls_open);
  if (settings_.delay > 0ms) {
    timers_.push({bench_clock::now() + settings_.delay, id, who.serial});
  } else {
    send_answer(id);
  }
}

void simulator_server::keep(client& of, std::size_t tool_results) {
  if (!settings_.record)
    return;
  if (auto& slot = recorded_.at(tool_results); slot.empty())
    slot = of.raw;
  of.raw = {};
  settings_.record = !settings_.always_delivers
                     && std::any_of(recorded_.begin(), recorded_.end(),
                                    [](const auto& request) { return request.empty(); });
}

void simulator_server::answer_plain(std::uint64_t id, const std::string& path) {
  constexpr auto recorded = std::string_view{"/recorded/"};
  auto text = plain_answer(404, "not here\n");
  if (path == "/figures") {
    text = plain_answer(200, figures_json());
  } else if (path.starts_with(recorded)) {
    auto k = std::size_t{calls_per_run};
    std::from_chars(path.data() + recorded.size(), path.data() + path.size(), k);
    if (k < calls_per_run && !recorded_.at(k).empty())
      text = plain_answer(200, recorded_.at(k));
  }
  // A few kilobytes always fit into an idle socket; a client that has filled it is cut off.
  const auto sent = send_some(clients_[id]->fd.get(), text);
  if (sent != text.size())
    close_client(id);
}

void simulator_server::send_answer(std::uint64_t id) {
  auto& who = *clients_[id];
  const auto& pieces = answers_.at(who.answer);
  while (who.piece < pieces.size()) {
    if (!send_piece(id, pieces[who.piece]))
      return;
    ++who.piece;
    who.sent = 0;
    if (settings_.token_gap > 0ms && who.piece < pieces.size()) {
      timers_.push({bench_clock::now() + settings_.token_gap, id, who.serial});
      return;
    }
  }
  end_answer(id);
}

/// False when the piece is not all sent yet, or never will be.
bool simulator_server::send_piece(std::uint64_t id, std::string_view piece) {
  auto& who = *clients_[id];
  while (who.sent < piece.size()) {
    const auto count = send_some(who.fd.get(), piece.substr(who.sent));
    if (!count) {
      close_client(id);
      return false;
    }
    if (*count == 0) {
      who.waits_writable = true;
      epoll_.change(who.fd.get(), id, true, true);
      return false;
    }
    who.sent += *count;
  }
  if (std::exchange(who.waits_writable, false))
    epoll_.change(who.fd.get(), id, true, false);
  return true;
}

void simulator_server::end_answer(std::uint64_t id) {
  auto& who = *clients_[id];
  who.is_answering = false;
  ++who.serial;
  --figures_.calls_open;
  if (!who.unread.empty())
    take_in(id, std::exchange(who.unread, {}));
}

void simulator_server::close_client(std::uint64_t id) {
  auto& who = *clients_[id];
  if (who.is_answering) {
    --figures_.calls_open;
    ++figures_.calls_broken;
  }
  const auto serial = who.serial + 1;
  who = client{};
  who.serial = serial;
  free_.push_back(id);
  --figures_.connections;
}

std::string simulator_server::figures_json() const {
  auto out = std::string{"{"};
  const auto add = [&out](std::string_view name, std::size_t value) {
    out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":");
    out.append(std::to_string(value));
  };
  add("connections", figures_.connections);
  add("connections_max", figures_.connections_max);
  add("calls", figures_.calls);
  add("calls_open", figures_.calls_open);
  add("calls_open_max", figures_.calls_open_max);
  add("calls_broken", figures_.calls_broken);
  return out + "}\n";
}

}  // namespace persona_runtime::bench
