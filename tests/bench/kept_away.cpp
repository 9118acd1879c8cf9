#include "tests/bench/kept_away.hpp"

#include "tests/bench/sockets.hpp"

#include <algorithm>
#include <pthread.h>
#include <thread>
#include <vector>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto noticeable = 20us;  // looking at the clock takes less than one

struct gaps {
  std::chrono::nanoseconds all{};
  std::chrono::nanoseconds longest{};
  std::size_t long_ones = 0;
};

/// False: this process may not use the processor.
bool stay_on(unsigned processor) {
  auto set = cpu_set_t{};
  CPU_SET(processor, &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

gaps look_at_clock(std::chrono::nanoseconds window) {
  auto seen = gaps{};
  const auto due = bench_clock::now() + window;
  for (auto before = bench_clock::now(); before < due;) {
    const auto now = bench_clock::now();
    const auto gap = std::chrono::nanoseconds{now - before};
    before = now;
    if (gap < noticeable)
      continue;
    seen.all += gap;
    seen.longest = std::max(seen.longest, gap);
    seen.long_ones += gap >= 1ms ? 1 : 0;
  }
  return seen;
}

}  // namespace

kept_away measure_kept_away(std::chrono::nanoseconds window) {
  auto seen = std::vector<gaps>(std::max(1u, std::thread::hardware_concurrency()));
  auto threads = std::vector<std::jthread>{};
  for (auto i = 0u; i < seen.size(); ++i) {
    threads.emplace_back([&seen, i, window] {
      if (stay_on(i))
        seen[i] = look_at_clock(window);
    });
  }
  threads.clear();
  auto out = kept_away{};
  for (const auto& one : seen) {
    out.share += std::chrono::duration<double>{one.all} / window / static_cast<double>(seen.size());
    out.gaps_per_s +=
      static_cast<double>(one.long_ones) / std::chrono::duration<double>{window}.count();
    out.longest_us =
      std::max(out.longest_us, std::chrono::duration<double, std::micro>{one.longest}.count());
  }
  return out;
}

}  // namespace persona_runtime::bench
