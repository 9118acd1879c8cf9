#pragma once
// Our values as SQLite takes them.

#include "domain/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime::sqlite {

/// The most rows that a list gives at once.
inline constexpr auto listed_max = 200U;

/// Numbers above SQLite's greatest stand for it.
[[nodiscard]] inline std::int64_t capped(std::uint64_t number) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(number, static_cast<std::uint64_t>(most)));
}

/// None becomes null.
[[nodiscard]] inline std::optional<std::int64_t> nullable(const std::optional<instant>& at) {
  return at ? std::optional{at->value} : std::nullopt;
}
template <class Enum>
[[nodiscard]] std::optional<std::int64_t> nullable(const std::optional<Enum>& choice) {
  return choice ? std::optional{static_cast<std::int64_t>(*choice)} : std::nullopt;
}

/// A statement of two parts.
[[nodiscard]] inline std::string sql_of(std::string_view begin, std::string_view end) {
  return std::string{begin}.append(end);
}

}  // namespace persona_runtime::sqlite
