#pragma once
// What a shared machine does to whoever measures on it.

#include <chrono>

namespace persona_runtime::bench {

/// Of the time in which one thread per processor did nothing but look at the clock.
struct kept_away {
  double share = 0;       // 0 to 1: it did not run
  double gaps_per_s = 0;  // of 1 ms or more, of all processors together
  double longest_us = 0;
};

/// Keeps every processor busy for so long, beginning now.
[[nodiscard]] kept_away measure_kept_away(std::chrono::nanoseconds window);

}  // namespace persona_runtime::bench
