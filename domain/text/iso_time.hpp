#pragma once
// Dates and times as ISO 8601 texts.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

using local_micros = std::chrono::local_time<std::chrono::microseconds>;

/// What a text says: the time on the wall, and how far that wall's clock is east of UTC.
struct iso_time {
  local_micros local;
  std::optional<std::chrono::seconds> offset;
};

/// None when the text is no date or time, or none between the years 1 and 9999.
[[nodiscard]] std::optional<iso_time> parse_iso(std::string_view text);

/// "2026-03-29T12:00:00", with microseconds when there are any.
[[nodiscard]] std::string local_text(local_micros local);

/// The same with its offset: "2026-03-29T12:00:00+02:00".
[[nodiscard]] std::string iso_text(local_micros local, std::chrono::seconds offset);

/// "Monday" …
[[nodiscard]] std::string_view weekday_name(local_micros local);

/// Whether it lies in the years 1 to 9999.
[[nodiscard]] bool in_range(local_micros local);

}  // namespace persona_runtime
