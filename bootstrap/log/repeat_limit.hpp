#pragma once
// Keeps a log readable when the same thing happens a thousand times a second.

#include "domain/ids.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Lets a few lines of each kind through per second and counts the rest. Kinds are fixed texts of
/// the program, so there are few of them. Any thread.
class repeat_limit {
public:
  explicit repeat_limit(std::uint32_t per_second) : per_second_{per_second} {}

  /// None: not now. Else how many of this kind were held back since the last one that came through.
  [[nodiscard]] std::optional<std::uint64_t> pass(std::string_view component, std::string_view what,
                                                  instant now);

private:
  struct count {
    std::int64_t second = 0;
    std::uint32_t passed = 0;  // in that second
    std::uint64_t held_back = 0;
  };
  const std::uint32_t per_second_;
  std::mutex mutex_;
  std::map<std::string, count> counts_;
};

}  // namespace persona_runtime
