#pragma once
// How one call walks the models of its tier: again, on to the next, or give up (spec routing §4.4
// INTENT column, §13; contract §6 "One model only"). Pure: chance and time are parameters.

#include "domain/tier/model_error.hpp"
#include "domain/tier/tier_table.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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

/// The members of a tier in the order in which a call asks them: their indexes. Empty: as
/// configured. Members that are not in it are not asked.
using member_order = std::vector<std::uint32_t>;

/// The order that these names ("provider/model") stand for; those that are in no tier any more are
/// left out.
[[nodiscard]] member_order order_of(const tier_entry& tier, const std::vector<std::string>& labels);
/// Who is asked first.
[[nodiscard]] std::uint32_t first_of(const member_order& order);
/// Who is asked after `member`; none: nobody.
[[nodiscard]] std::optional<std::uint32_t>
next_behind(const tier_entry& tier, const member_order& order, std::uint32_t member);
/// The next one whose context window is known to be larger than that of `member`.
[[nodiscard]] std::optional<std::uint32_t>
roomier_behind(const tier_entry& tier, const member_order& order, std::uint32_t member);

/// Whether a member of the tier of that name has a chance now. Asked when a call is about to be
/// made: a model that was left alone says yes to one asker, who makes its probe.
using member_health = std::function<bool(std::string_view tier, std::uint32_t member)>;

/// `from`, or the next one behind it that has a chance; `from` when none has, or nobody can say.
[[nodiscard]] std::uint32_t first_up(const tier_entry& tier, const member_order& order,
                                     std::uint32_t from, const member_health& is_up);

struct walk_limits {
  std::chrono::milliseconds only_model_wait_max{60'000};  // retry.max_wait
  bool retry_same_model = true;  // false: what would be tried once more goes on at once
};

/// What follows a failed attempt. `chance` is uniform in [0, 1): the jitter.
/// `now_ms` (Unix epoch) is needed for a Retry-After that is an HTTP date.
[[nodiscard]] walk_step next_attempt(const walk_position& at, const model_error& error,
                                     const tier_entry& tier, const walk_limits& limits,
                                     double chance, std::int64_t now_ms,
                                     const member_order& order = {});

}  // namespace persona_runtime
