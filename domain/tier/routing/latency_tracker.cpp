#include "domain/tier/routing/latency_tracker.hpp"

namespace persona_runtime {

result<latency_options> checked(const latency_options& options) {
  if (!(options.alpha > 0 && options.alpha <= 1))
    return failure{errc::validation_error, "alpha must be above 0 and at most 1"};
  if (options.warmup_n == 0)
    return failure{errc::validation_error, "warmup_n must be at least 1"};
  return options;
}

void latency_tracker::record(std::string_view model, double sample_ms) {
  constexpr auto models_max = std::size_t{4'096};
  if (!(sample_ms >= 0))
    return;
  auto found = models_.find(model);
  if (found == models_.end()) {
    if (models_.size() >= models_max)
      return;
    found = models_.emplace(std::string{model}, track{}).first;
  }
  auto& known = found->second;
  if (known.count >= options_.warmup_n) {
    known.value_ms = options_.alpha * sample_ms + (1 - options_.alpha) * known.value_ms;
    return;
  }
  known.value_ms += sample_ms;
  ++known.count;
  if (known.count == options_.warmup_n)
    known.value_ms /= known.count;
}

std::optional<double> latency_tracker::estimate_ms(std::string_view model) const {
  const auto found = models_.find(model);
  if (found == models_.end())
    return std::nullopt;
  const auto& known = found->second;
  return known.count >= options_.warmup_n ? known.value_ms : known.value_ms / known.count;
}

std::uint32_t latency_tracker::count(std::string_view model) const {
  const auto found = models_.find(model);
  return found == models_.end() ? 0 : found->second.count;
}

}  // namespace persona_runtime
