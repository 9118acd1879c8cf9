#include "domain/conversation/turn_log.hpp"

#include "domain/run/state.hpp"
#include "domain/text/shown_text.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace persona_runtime {
namespace {

failure unsound(const std::string& what) {
  return {errc::validation_error, "turn log: " + what};
}

bool is_amount(double value) {
  return std::isfinite(value) && value >= 0;
}

}  // namespace

result<turn_log> checked(turn_log log) {
  if (!is_amount(log.latency_ms) || !is_amount(log.routing_latency_ms))
    return unsound("a latency is no number from 0 on");
  if (log.cost_cents && !is_amount(*log.cost_cents))
    return unsound("cost_cents is no number from 0 on");
  if (log.tier_fallback_reasons.size() != log.tier_fallback_count
      || log.tier_fallback_providers.size() != log.tier_fallback_count) {
    return unsound("tier_fallback_reasons and tier_fallback_providers must have as many entries "
                   "as tier_fallback_count says");
  }
  if (log.fallback_engaged != (log.tier_fallback_count > 0))
    return unsound("fallback_engaged must be true exactly when tier_fallback_count is not 0");
  return log;
}

void note_fallback(turn_log& log, const std::vector<failed_attempt>& failed,
                   const model_entry* answered) {
  log.tier_fallback_count = static_cast<std::uint32_t>(failed.size());
  log.fallback_engaged = !failed.empty();
  log.tier_fallback_reasons.clear();
  log.tier_fallback_providers.clear();
  for (const auto& attempt : failed) {
    log.tier_fallback_reasons.push_back(attempt.error_class);
    log.tier_fallback_providers.push_back(attempt.provider);
  }
  log.tier_model_chosen.reset();
  log.tier_provider_used.reset();
  if (answered != nullptr) {
    log.tier_model_chosen = answered->model;
    log.tier_provider_used = answered->provider;
  }
}

void note_reasoning(turn_log& log, std::string_view text, std::string sha256_hex) {
  if (text.empty())
    return;
  log.reasoning_total_tokens = word_count(text);
  log.reasoning_text_hash = std::move(sha256_hex);
}

void usage_tally::add(const model_entry& model, const token_usage& usage) {
  auto& sum = by_model_[model.label()];
  ++sum.calls;
  sum.tokens.prompt += usage.prompt;
  sum.tokens.completion += usage.completion;
  sum.tokens.estimated = sum.tokens.estimated || usage.estimated;
  sum.tokens.cache_read += usage.cache_read;
  sum.tokens.cache_write += usage.cache_write;
  sum.cents = add_cents(sum.cents, cost_cents(model, usage));
}

model_usage usage_tally::total() const {
  auto out = model_usage{};
  for (const auto& [name, sum] : by_model_) {
    out.calls += sum.calls;
    out.tokens.prompt += sum.tokens.prompt;
    out.tokens.completion += sum.tokens.completion;
    out.tokens.estimated = out.tokens.estimated || sum.tokens.estimated;
    out.tokens.cache_read += sum.tokens.cache_read;
    out.tokens.cache_write += sum.tokens.cache_write;
    out.cents = add_cents(out.cents, sum.cents);
  }
  return out;
}

void note_usage(turn_log& log, const usage_tally& tally,
                const std::vector<std::string>& unverified) {
  const auto total = tally.total();
  log.prompt_tokens = total.tokens.prompt;
  log.completion_tokens = total.tokens.completion;
  log.cost_cents = total.cents;
  const auto is_unverified =
    std::any_of(unverified.begin(), unverified.end(),
                [&tally](const std::string& model) { return tally.by_model().contains(model); });
  log.cost_basis = is_unverified ? "verify-at-deploy" : "published";
}

fallback_window::change fallback_window::note(bool engaged) {
  constexpr auto turns_max = 10;
  constexpr auto turns_min = 5;
  constexpr auto engaged_min = 2;
  engaged_ =
    static_cast<std::uint16_t>(((engaged_ << 1) | (engaged ? 1 : 0)) & ((1 << turns_max) - 1));
  count_ = static_cast<std::uint8_t>(std::min<int>(count_ + 1, turns_max));
  const auto hits = std::popcount(engaged_);
  if (!alerting_ && count_ >= turns_min && hits >= engaged_min && hits * 10 > count_ * 3) {
    alerting_ = true;
    return change::raised;
  }
  if (alerting_ && hits * 10 <= count_ * 2) {
    alerting_ = false;
    return change::cleared;
  }
  return change::none;
}

}  // namespace persona_runtime
