#pragma once
// Dates, times and time zones for models. Knows no clock and no zone of its own.

#include "domain/run/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Seconds east of UTC in an IANA zone at a moment; none when there is no such zone.
using zone_offset = std::function<std::optional<std::chrono::seconds>(std::string_view zone,
                                                                      std::chrono::sys_seconds)>;

struct date_question {
  std::string operation = "now";  // now, convert, add, diff, weekday
  std::string timezone = "UTC";   // of the answer to `now`, and of times without an offset
  std::optional<std::string> datetime{};
  std::optional<std::string> to_timezone{};
  std::optional<std::int64_t> amount{};
  std::optional<std::string> unit{};  // weeks, days, hours, minutes, seconds
  std::optional<std::string> end{};
};

/// The answer, or an error result that names what is missing, unknown or unreadable.
///
/// Times are ISO 8601: a date (2026-03-29 or 20260329), and after T or a blank a time to the
/// minute, second or microsecond, and Z or an offset. Years 1 to 9999.
///
/// Hours, minutes and seconds are added as they pass, days and weeks on the calendar: noon plus
/// one day is noon, and plus 24 hours is not when the clocks change between. `diff` counts the
/// seconds that pass. A time that a clock shows twice is the first one; one that it skips is as
/// much later as was skipped.
[[nodiscard]] tool_result answer_date(const date_question& question,
                                      std::chrono::sys_time<std::chrono::microseconds> now,
                                      const zone_offset& zones);

}  // namespace persona_runtime
