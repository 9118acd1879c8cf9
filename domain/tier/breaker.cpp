#include "domain/tier/breaker.hpp"

#include "domain/tier/walk.hpp"

#include <algorithm>

namespace persona_runtime {

failure_weight weight_of(const model_error& error) {
  using enum model_error_class;
  const auto is_about_key = error.kind == authentication || error.kind == credential_missing;
  if (is_about_key)
    return failure_weight::shuts;
  const auto is_pacing = error.kind == rate_limit && error.status == 429;
  if (is_pacing || error.kind == vision_not_supported || classify(error) == error_bucket::surface)
    return failure_weight::none;
  return failure_weight::counts;
}

std::string_view name_of(breaker_state s) {
  switch (s) {
  case breaker_state::closed:
    return "closed";
  case breaker_state::open:
    return "open";
  case breaker_state::probing:
    return "probing";
  case breaker_state::shut:
    return "shut";
  }
  return "";
}

breaker_verdict breaker::look(instant now) const {
  switch (state_) {
  case breaker_state::closed:
    return breaker_verdict::pass;
  case breaker_state::open:
    return now.value >= retry_at_.value ? breaker_verdict::probe : breaker_verdict::wait;
  case breaker_state::probing:
    return breaker_verdict::wait;
  case breaker_state::shut:
    return breaker_verdict::shut;
  }
  return breaker_verdict::shut;
}

breaker_verdict breaker::ask(instant now) {
  const auto verdict = look(now);
  if (verdict == breaker_verdict::probe)
    state_ = breaker_state::probing;
  return verdict;
}

void breaker::open(instant now, std::chrono::milliseconds pause) {
  state_ = breaker_state::open;
  failures_ = 0;
  pause_ = std::min(pause, limits_.longest_pause);
  retry_at_ = {now.value + pause_.count()};
}

void breaker::on_success() {
  if (state_ == breaker_state::open || state_ == breaker_state::shut)
    return;  // of a call that began before
  state_ = breaker_state::closed;
  failures_ = 0;
}

void breaker::on_failure(const model_error& error, instant now) {
  const auto weight = weight_of(error);
  if (weight == failure_weight::shuts) {
    state_ = breaker_state::shut;
    return;
  }
  if (weight == failure_weight::none) {
    // Whoever finds fault with a request is there.
    return error.kind == model_error_class::provider_error ? on_success() : on_abandoned();
  }
  if (state_ == breaker_state::probing)
    return open(now, 2 * pause_);
  if (state_ == breaker_state::closed && ++failures_ >= limits_.failures_max)
    open(now, limits_.first_pause);
}

void breaker::on_abandoned() {
  // The next one probes at once: nothing was learned.
  if (state_ == breaker_state::probing)
    state_ = breaker_state::open;
}

}  // namespace persona_runtime
