#include "tests/bench/bare_loop.hpp"

#include "tests/bench/processes.hpp"

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

}  // namespace

bare_loop::bare_loop(std::uint16_t port, const std::vector<std::string>& requests,
                     std::size_t connections)
  : requests_{requests}, links_(connections), room_(read_bytes) {
  for (std::size_t id = 0; id < links_.size(); ++id) {
    links_[id].fd = connect_to(port);
    links_[id].next = id % requests_.size();
    if (links_[id].fd.is_open())
      epoll_.add(links_[id].fd.get(), id, true, true);
  }
}

bare_figures bare_loop::run(std::chrono::nanoseconds window) {
  turn_until(bench_clock::now() + window / 10);
  const auto calls = calls_;
  const auto began = bench_clock::now();
  const auto processor_s = own_processor_s();
  turn_until(began + window);
  const auto took = std::chrono::duration<double>(bench_clock::now() - began).count();
  return {calls_ - calls, broken_, took, own_processor_s() - processor_s};
}

void bare_loop::turn_until(bench_time due) {
  while (bench_clock::now() < due)
    epoll_.wait(100ms, [this](std::uint64_t id, bool readable, bool writable) {
      if (writable && links_[id].waits_writable)
        send_more(id);
      if (readable && links_[id].fd.is_open())
        on_readable(id);
    });
}

void bare_loop::send_more(std::size_t id) {
  auto& on = links_[id];
  const auto bytes = std::string_view{requests_[on.next]};
  while (on.sent < bytes.size()) {
    const auto count = send_some(on.fd.get(), bytes.substr(on.sent));
    if (!count) {
      ++broken_;
      on.fd.reset();
      return;
    }
    if (*count == 0)
      break;
    on.sent += *count;
  }
  const auto waits = on.sent < bytes.size();
  if (std::exchange(on.waits_writable, waits) != waits)
    epoll_.change(on.fd.get(), id, true, waits);
}

void bare_loop::on_readable(std::size_t id) {
  auto& on = links_[id];
  const auto count = read_some(on.fd.get(), room_.data(), room_.size());
  if (count == 0u)
    return;
  const auto state =
    count ? on.reader.feed({room_.data(), *count}, [](std::string_view) {}) : on.reader.end();
  if (state == answer_reader::state::malformed) {
    ++broken_;
    on.fd.reset();
  } else if (state == answer_reader::state::complete) {
    ++calls_;
    on.reader.reset();
    on.next = (on.next + 1) % requests_.size();
    on.sent = 0;
    send_more(id);
  }
}

}  // namespace persona_runtime::bench
