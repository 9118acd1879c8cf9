#pragma once
// Dates as people write them. Nothing is computed here: that is the datetime tool's work.

#include "providers/chat/rehearsal/lexer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::rehearsal {

struct found_date {
  std::string iso;  // YYYY-MM-DD
  std::size_t bytes = 0;
};

/// A date in digits at the beginning of `text`: 2027-05-17, 2027/5/17, 17.05.2027, 17/5/2027 (the
/// day first, unless that cannot be).
[[nodiscard]] std::optional<found_date> numeric_date(std::string_view text);

struct found_time {
  std::string text;  // HH:MM
  std::size_t bytes = 0;
};

/// A time of day at the beginning of `text`: 9:05, 21:30:00, 9:05 pm.
[[nodiscard]] std::optional<found_time> time_of_day(std::string_view text);

/// Turns "17 May 2027", "May 17th, 2027", "the 17th of May 2027" and "17. mai 2027" into one date
/// token each; without a year the token reads "--05-17".
void join_named_dates(std::vector<token>& tokens);

/// The IANA zone of a city or country, or of "utc"; nothing when it is not in the list. `place` is
/// case-folded.
[[nodiscard]] std::optional<std::string_view> zone_of(std::string_view place);

/// "Monday" … "Sunday" for 0 … 6.
[[nodiscard]] std::string_view weekday_name(std::size_t index, bool norwegian);

}  // namespace persona_runtime::rehearsal
