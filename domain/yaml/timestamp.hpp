#pragma once
// Points in time as documents write them.

#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// An instant that remembers the offset it was written with.
struct zoned_instant {
  instant at;                       // UTC
  std::int32_t offset_minutes = 0;  // east of UTC, -1439..1439
  friend bool operator==(const zoned_instant&, const zoned_instant&) = default;
};

struct parsed_time {
  zoned_instant value;
  bool naive = false;  // written without an offset: `value` takes it as UTC
};

/// Reads "2026-03-02", "2026-03-02T18:40:00.5+01:00", "2026-03-02 18:40 +1", years 0001 to 9999,
/// also in lower case. Fractions below a millisecond are dropped. None: this is no such time.
[[nodiscard]] std::optional<parsed_time> parse_time(std::string_view text);

/// "2026-03-02T18:40:00+01:00", with ".500" where there are milliseconds; "Z" for offset 0.
[[nodiscard]] std::string format_time(const zoned_instant& time);

}  // namespace persona_runtime
