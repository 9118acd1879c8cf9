#pragma once
// How one call walks the models of its tier: again, on to the next, or give up (spec routing §4.4
// INTENT column, §13; contract §6 "One model only"). Pure: chance and time are parameters.

#include "domain/tier/model_error.hpp"
#include "domain/tier/tier_table.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>

namespace persona_runtime {

/// R: once more on the same model, then the next. F: the next at once. S: surface.
enum class error_bucket : std::uint8_t { retry, fall_over, surface };

[[nodiscard]] error_bucket classify(const model_error& error);

/// Where a call stands. A fresh one for every call of a run; plain data, so that it can travel.
struct walk_position {
  std::uint32_t member = 0;    // index into the tier's members
  bool retried = false;        // on this member
  std::uint32_t waits = 0;     // rate-limit waits of an only member so far
  std::int64_t waited_ms = 0;  // their sum
  friend bool operator==(const walk_position&, const walk_position&) = default;
};

/// At another member nothing has been tried yet; at the same one all stays.
void stand_at(walk_position& at, std::uint32_t member);

/// Go on: start another attempt at `where` after `delay`.
struct walk_on {
  walk_position where;
  std::chrono::milliseconds delay{0};
  bool fell_over = false;  // another member than before
};
/// Give up. `exhausted`: every member was tried (AllModelsFailedError), else the error surfaced.
struct walk_end {
  bool exhausted = false;
};
using walk_step = std::variant<walk_on, walk_end>;

/// The first member of that tier (as requested), from `from` on, that a new call had better try;
/// `from` when none has a chance. What it says depends on how the models are doing.
using member_chooser = std::function<std::uint32_t(std::string_view tier, std::uint32_t from)>;

struct walk_limits {
  std::chrono::milliseconds only_model_wait_max{60'000};  // retry.max_wait
  bool retry_same_model = true;  // false: what would be tried once more goes on at once
};

/// What follows a failed attempt. `chance` is uniform in [0, 1): the jitter.
/// `now_ms` (Unix epoch) is needed for a Retry-After that is an HTTP date.
[[nodiscard]] walk_step next_attempt(const walk_position& at, const model_error& error,
                                     const tier_entry& tier, const walk_limits& limits,
                                     double chance, std::int64_t now_ms);

}  // namespace persona_runtime
