#include "domain/tier/walk.hpp"

#include "domain/tier/retry_after.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace persona_runtime {
namespace {

using std::chrono::milliseconds;

constexpr double short_hint_max_s = 2.0;  // a longer one is not worth waiting for beside others
constexpr double backoff_s = 0.2;
constexpr double only_first_wait_s = 1.0;  // an only member without a hint: 1, 2, 4, … s
constexpr double only_floor_s = 0.1;       // and with one: at least 0.1, 0.2, 0.4, … s

bool is_about_money(const model_error& error) {
  return error.reason == "insufficient_quota" || error.reason == "credits_expired";
}

template <std::size_t N>
bool is_one_of(const std::array<int, N>& statuses, int status) {
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

error_bucket bucket_of_status(const model_error& error) {
  static constexpr auto transient = std::array{409, 500, 502, 503, 504, 529};
  static constexpr auto this_account_only = std::array{401, 402, 403, 404};
  if (error.reason == "content_policy_violation")
    return error_bucket::surface;
  if (is_one_of(transient, error.status))
    return error_bucket::retry;
  if (is_one_of(this_account_only, error.status))
    return error_bucket::fall_over;
  // A stream that broke or held nothing says nothing about the request (contract §6).
  const bool is_broken = error.reason == "broken_stream" || error.reason == "empty";
  return is_broken ? error_bucket::retry : error_bucket::surface;
}

error_bucket bucket_of(const model_error& error, std::optional<double> hint_s) {
  if (error.reason == "not_sent")
    return error_bucket::fall_over;
  switch (error.kind) {
  case model_error_class::backend_timeout:
    return error_bucket::retry;
  case model_error_class::rate_limit:
    if (is_about_money(error))
      return error_bucket::fall_over;
    return hint_s && *hint_s > short_hint_max_s ? error_bucket::fall_over : error_bucket::retry;
  case model_error_class::authentication:
  case model_error_class::model_not_found:
  case model_error_class::credential_missing:
  case model_error_class::vision_not_supported:
    return error_bucket::fall_over;
  case model_error_class::provider_error:
    return bucket_of_status(error);
  }
  return error_bucket::surface;
}

/// Rounded up, so that nobody comes a fraction too early; less than a microsecond is noise.
milliseconds milliseconds_of(double seconds) {
  constexpr double seconds_max = 1e9;  // keeps the cast defined for an endless hint
  return milliseconds{
    static_cast<std::int64_t>(std::ceil(std::clamp(seconds, 0.0, seconds_max) * 1000.0 - 1e-3))};
}

/// Upward only when the server named a time: never sooner than it asked.
milliseconds backoff(std::optional<double> hint_s, double chance) {
  if (hint_s && *hint_s > 0 && *hint_s <= short_hint_max_s) {
    return milliseconds_of(*hint_s * (1.0 + 0.5 * chance));
  }
  return milliseconds_of(backoff_s * (0.5 + chance));
}

/// An only member is waited for. Whether there is time left depends on the hint alone; chance only
/// spreads those who wait for the same instant, and never beyond the limit.
walk_step wait_for_only(const walk_position& at, std::optional<double> hint_s,
                        const walk_limits& limits, double chance) {
  const double factor = std::ldexp(1.0, static_cast<int>(std::min(at.waits, 30u)));
  const double wait_s =
    hint_s ? std::max(*hint_s, only_floor_s * factor) : only_first_wait_s * factor;
  const auto left = limits.only_model_wait_max - milliseconds{at.waited_ms};
  const auto wait = milliseconds_of(wait_s);
  if (wait > left)
    return walk_end{};
  auto where = at;
  const auto delay = std::min(milliseconds_of(wait_s * (1.0 + 0.1 * chance)), left);
  where.waits += 1;
  where.waited_ms += delay.count();
  return walk_on{where, delay, false};
}

}  // namespace

error_bucket classify(const model_error& error) {
  return bucket_of(error, retry_after_number(error.retry_after));
}

void stand_at(walk_position& at, std::uint32_t member) {
  if (at.member == member)
    return;
  at.member = member;
  at.retried = false;
}

member_order order_of(const tier_entry& tier, const std::vector<std::string>& labels) {
  auto order = member_order{};
  for (const auto& label : labels) {
    for (auto i = std::uint32_t{0}; i < tier.members.size(); ++i) {
      const auto is_taken = std::ranges::find(order, i) != order.end();
      if (!is_taken && tier.members[i].label() == label) {
        order.push_back(i);
        break;
      }
    }
  }
  return order;
}

std::uint32_t first_of(const member_order& order) {
  return order.empty() ? 0 : order.front();
}

std::optional<std::uint32_t> next_behind(const tier_entry& tier, const member_order& order,
                                         std::uint32_t member) {
  if (order.empty())
    return member + 1 < tier.members.size() ? std::optional{member + 1} : std::nullopt;
  auto at = std::ranges::find(order, member);
  if (at == order.end() || ++at == order.end() || *at >= tier.members.size())
    return std::nullopt;
  return *at;
}

std::optional<std::uint32_t> roomier_behind(const tier_entry& tier, const member_order& order,
                                            std::uint32_t member) {
  constexpr auto window_when_unknown = std::uint32_t{4096};
  if (member >= tier.members.size())
    return std::nullopt;
  const auto window = tier.members[member].context_window.value_or(window_when_unknown);
  auto at = next_behind(tier, order, member);
  while (at && tier.members[*at].context_window.value_or(0) <= window)
    at = next_behind(tier, order, *at);
  return at;
}

std::uint32_t first_up(const tier_entry& tier, const member_order& order, std::uint32_t from,
                       const member_health& is_up) {
  if (!is_up)
    return from;
  for (auto at = std::optional{from}; at; at = next_behind(tier, order, *at)) {
    if (is_up(tier.name, *at))
      return *at;
  }
  return from;
}

walk_step next_attempt(const walk_position& at, const model_error& error, const tier_entry& tier,
                       const walk_limits& limits, double chance, std::int64_t now_ms,
                       const member_order& order) {
  if (at.member >= tier.members.size())
    return walk_end{true};
  const bool is_paced = error.kind == model_error_class::rate_limit && !is_about_money(error);
  const auto hint_s = is_paced ? retry_after_seconds(error.retry_after, now_ms) : std::nullopt;
  const auto bucket = bucket_of(error, hint_s);
  const bool is_only = order.size() == 1 || tier.members.size() == 1;
  const double spread = std::clamp(chance, 0.0, 1.0);
  if (error.reason == "context_length_exceeded") {
    const auto larger = roomier_behind(tier, order, at.member);
    if (!larger)
      return walk_end{};
    return walk_on{{*larger, false, at.waits, at.waited_ms}, milliseconds{0}, true};
  }
  if (bucket == error_bucket::surface)
    return walk_end{};
  if (is_only && is_paced)
    return wait_for_only(at, hint_s, limits, spread);
  if (bucket == error_bucket::retry && limits.retry_same_model && !at.retried) {
    auto where = at;
    where.retried = true;
    return walk_on{where, backoff(hint_s, spread), false};
  }
  if (is_only)
    return walk_end{};
  const auto next = next_behind(tier, order, at.member);
  if (!next)
    return walk_end{true};
  return walk_on{{*next, false, at.waits, at.waited_ms}, milliseconds{0}, true};
}

}  // namespace persona_runtime
