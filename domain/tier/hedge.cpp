#include "domain/tier/hedge.hpp"

#include <algorithm>
#include <cmath>

namespace persona_runtime {
namespace {

constexpr auto buckets_per_doubling = 8.0;
constexpr auto hedge_mark = std::uint32_t{1} << 31;  // attempts are counted from 0

std::size_t bucket_of(std::int64_t ms, std::size_t count) {
  if (ms <= 1)
    return 0;
  const auto at = std::floor(std::log2(static_cast<double>(ms)) * buckets_per_doubling);
  return std::min(static_cast<std::size_t>(at), count - 1);
}

std::chrono::milliseconds end_of_bucket(std::size_t at) {
  const auto end = std::exp2(static_cast<double>(at + 1) / buckets_per_doubling);
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(end))};
}

}  // namespace

void first_token_times::note(std::chrono::milliseconds took) {
  ++counts_[bucket_of(took.count(), buckets)];
  if (++total_ >= samples_max)
    halve();
}

void first_token_times::halve() {
  total_ = 0;
  for (auto& count : counts_) {
    count /= 2;
    total_ += count;
  }
}

std::optional<std::chrono::milliseconds> first_token_times::p95() const {
  if (total_ < samples_min)
    return std::nullopt;
  auto seen = std::uint64_t{0};
  auto at = std::size_t{0};
  for (; at + 1 < buckets; ++at) {
    seen += counts_[at];
    if (seen * 100 >= std::uint64_t{total_} * 95)
      break;
  }
  return end_of_bucket(at);
}

void hedge_budget::on_call() {
  saved_ = std::min(saved_ + 1, saved_max);
}

bool hedge_budget::take() {
  if (saved_ < calls_per_hedge)
    return false;
  saved_ -= calls_per_hedge;
  return true;
}

std::optional<std::uint32_t> next_up(const tier_entry& tier, const member_order& order,
                                     std::uint32_t member, const member_health& looks_up) {
  auto next = next_behind(tier, order, member);
  while (next && !looks_up(tier.name, *next))
    next = next_behind(tier, order, *next);
  return next;
}

identity hedge_of(identity call) {
  call.attempt.value |= hedge_mark;
  return call;
}

bool is_hedge(const identity& call) {
  return (call.attempt.value & hedge_mark) != 0;
}

identity hedged_by(identity call) {
  call.attempt.value &= ~hedge_mark;
  return call;
}

}  // namespace persona_runtime
