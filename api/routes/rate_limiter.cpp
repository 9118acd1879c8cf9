#include "api/routes/rate_limiter.hpp"

#include <algorithm>

namespace persona_runtime::api {
namespace {

constexpr auto minute_ms = std::int64_t{60'000};

}  // namespace

rate_limiter::rate_limiter(const api_rates& rates)
  : limits_{std::nullopt, rates.default_per_minute, rates.runs_per_minute,
            rates.messages_per_minute, rates.author_per_minute} {
}

std::optional<rate_limiter::verdict> rate_limiter::count(const owner_id& owner, rate_class kind,
                                                         instant now) {
  const auto index = static_cast<std::size_t>(kind);
  const auto limit = limits_.at(index);
  if (!limit) {
    return std::nullopt;
  }
  const auto minute = now.value / minute_ms;
  const auto lock = std::lock_guard{mutex_};
  auto& counted = counts_[owner.value];
  if (counted.minute != minute) {
    counted = {minute, {}};
  }
  auto& used = counted.used.at(index);
  auto answer = verdict{};
  answer.allowed = used < *limit;
  used += answer.allowed ? 1 : 0;
  answer.limit = *limit;
  answer.remaining = *limit - used;
  answer.reset_s = (minute + 1) * 60;
  answer.retry_after_s =
    std::max<std::int64_t>(1, (answer.reset_s * 1000 - now.value + 999) / 1000);
  return answer;
}

std::string rate_headers(const rate_limiter::verdict& verdict) {
  return "X-RateLimit-Limit: " + std::to_string(verdict.limit)
         + "\r\nX-RateLimit-Remaining: " + std::to_string(verdict.remaining)
         + "\r\nX-RateLimit-Reset: " + std::to_string(verdict.reset_s) + "\r\n";
}

}  // namespace persona_runtime::api
