#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime {

/// A queued run is `running`: only its `started` is journalled.
enum class run_status : std::uint8_t {
  running,
  awaiting_user,
  completed,
  cancelled,
  max_steps_reached,
  budget_exhausted,
  error,
};

[[nodiscard]] constexpr bool is_terminal(run_status s) {
  return s >= run_status::completed;
}

/// "running", "awaiting_user", …: the names of the HTTP API.
[[nodiscard]] std::string_view name_of(run_status s);

/// The status of that name; none if there is none.
[[nodiscard]] std::optional<run_status> status_of(std::string_view name);

}  // namespace persona_runtime
