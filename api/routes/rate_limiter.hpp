#pragma once
// Requests per minute of one owner, counted by class of route.

#include "api/api_settings.hpp"
#include "api/routes/route.hpp"
#include "domain/ids.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace persona_runtime::api {

/// Fixed windows of one minute of UTC. Counts of past windows are forgotten, so what it holds is
/// bounded by the owners that have keys. Any thread.
class rate_limiter {
public:
  struct verdict {
    bool allowed = true;
    std::uint32_t limit = 0;
    std::uint32_t remaining = 0;     // after this request
    std::int64_t reset_s = 0;        // seconds since the epoch: when the window ends
    std::int64_t retry_after_s = 0;  // until then; at least 1
  };

  explicit rate_limiter(const api_rates& rates);

  /// Counts one request. None: this class has no limit.
  std::optional<verdict> count(const owner_id& owner, rate_class kind, instant now);

private:
  struct minute_count {
    std::int64_t minute = 0;
    std::array<std::uint32_t, 5> used{};  // by rate_class
  };
  std::array<std::optional<std::uint32_t>, 5> limits_;
  std::mutex mutex_;
  std::map<std::string, minute_count> counts_;
};

/// "X-RateLimit-Limit: 5\r\nX-RateLimit-Remaining: …", complete header lines.
[[nodiscard]] std::string rate_headers(const rate_limiter::verdict& verdict);

}  // namespace persona_runtime::api
