#pragma once
// What a provider says of the limits of a key.

#include <chrono>
#include <cstdint>
#include <optional>

namespace persona_runtime {

/// One limit; none: it was not said.
struct rate_window {
  std::optional<std::uint64_t> limit{};      // in all
  std::optional<std::uint64_t> remaining{};  // of it, now
  std::optional<std::uint64_t> reset_ms{};   // until all of it is there again
  friend bool operator==(const rate_window&, const rate_window&) = default;
};

struct rate_report {
  rate_window requests;
  rate_window tokens;
  friend bool operator==(const rate_report&, const rate_report&) = default;
};

}  // namespace persona_runtime
