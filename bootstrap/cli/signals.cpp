#include "bootstrap/cli/signals.hpp"

#include <pthread.h>

namespace persona_runtime::cli {

signal_gate::signal_gate(std::initializer_list<int> numbers) {
  sigemptyset(&set_);
  for (const auto number : numbers)
    sigaddset(&set_, number);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int signal_gate::wait() const {
  auto number = 0;
  sigwait(&set_, &number);
  return number;
}

int signal_gate::wait_for(std::chrono::milliseconds limit) const {
  auto time = timespec{};
  time.tv_sec = limit.count() / 1'000;
  time.tv_nsec = (limit.count() % 1'000) * 1'000'000;
  const auto number = sigtimedwait(&set_, nullptr, &time);
  return number > 0 ? number : 0;
}

}  // namespace persona_runtime::cli
