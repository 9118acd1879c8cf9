#pragma once
// The clock of the machine. Whoever is not bootstrap is handed a clock.

#include "domain/ids.hpp"

#include <chrono>

namespace persona_runtime {

[[nodiscard]] inline instant utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

}  // namespace persona_runtime
