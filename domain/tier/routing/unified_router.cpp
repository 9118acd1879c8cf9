// Compiled without contraction into fused operations: sums are to the last bit those of the
// specification, where 0.30 + 0.15 + 0.05 stays below 0.5.

#include "domain/tier/routing/unified_router.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace persona_runtime {
namespace {

constexpr double boost_from = 0.5;  // of the quality proxy

double estimate_of(std::string_view tier) {
  if (tier == "frontier")
    return 1.0;
  return tier == "small" ? 0.0 : 0.5;
}

double fit_of(std::string_view name, const tier_metadata& metadata, double quality) {
  const auto fit = 1.0 - std::abs(quality - estimate_of(name));
  return metadata.reasoning_capable && quality >= boost_from ? fit + 0.10 : fit;
}

/// 1: as good as it gets; 0: at the anchor or beyond.
double part_left(double value, double anchor) {
  return std::max(0.0, 1.0 - std::min(1.0, value / anchor));
}

std::string decimals(double value, int count) {
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, count);
  return {digits.data(), end.ptr};
}

struct scoring {
  std::string best;
  double score = 0;
  std::string missing;  // tiers without metadata: "frontier,small"
  bool failed = false;  // the scorer
};

scoring score_all(const std::vector<std::string>& names, const routing_context& context,
                  const tier_table* tiers, const tier_scorer& score) {
  auto out = scoring{};
  for (const auto& name : names) {
    const auto* tier = tiers == nullptr ? nullptr : tiers->resolve(name);
    if (tier == nullptr || !tier->metadata) {
      out.missing.append(out.missing.empty() ? "" : ",").append(name);
      continue;
    }
    const auto made =
      score ? score(name, *tier->metadata, context) : score_tier(name, *tier->metadata, context);
    if (!made) {
      out.failed = true;
      return out;
    }
    if (out.best.empty() || *made > out.score) {
      out.best = name;
      out.score = *made;
    }
  }
  return out;
}

routing_result<routing_decision> fall_back(std::string_view reason, const std::string& detail,
                                           const routing_context& context,
                                           const tier_table* tiers) {
  auto out = route_by_rules(context, tiers);
  if (!out)
    return out;
  out->rationale = "fallback (" + std::string{reason} + "): " + out->rationale + detail;
  out->fallback_triggered = true;
  out->fallback_reason = reason;
  return out;
}

routing_decision decision_of(scoring best, std::vector<std::string> names,
                             const tier_table* tiers) {
  auto out = routing_decision{};
  out.model = model_name_for(tiers, best.best);
  out.rationale = "layer2: best=" + best.best + " score=" + decimals(best.score, 3);
  if (!best.missing.empty())
    out.rationale += "; missing_metadata=" + best.missing;
  out.candidates_considered = std::move(names);
  out.layer2_score = best.score;
  out.tier = std::move(best.best);
  return out;
}

routing_result<routing_decision> route_with(router_kind router, const routing_context& context,
                                            const tier_table* tiers,
                                            const unified_options& options) {
  return router == router_kind::unified ? route_by_score(context, tiers, options)
                                        : route_by_rules(context, tiers);
}

/// Whether the tier that serves the wanted one is among those that can take the turn.
bool can_take(const std::vector<std::string>& left, const tier_table* tiers,
              std::string_view wanted) {
  const auto* tier = tiers == nullptr ? nullptr : tiers->resolve(wanted);
  const auto name = tier == nullptr ? wanted : std::string_view{tier->name};
  return std::find(left.begin(), left.end(), name) != left.end();
}

}  // namespace

axis_weights weights_of(routing_profile profile) {
  return profile == routing_profile::voice ? axis_weights{0.10, 0.30, 0.60}
                                           : axis_weights{0.40, 0.50, 0.10};
}

std::chrono::milliseconds scoring_time_max(routing_profile profile) {
  return std::chrono::milliseconds{profile == routing_profile::voice ? 30 : 100};
}

double quality_proxy(const routing_context& context) {
  constexpr auto tokens_anchor = 4000.0;
  const auto& phase = context.conversation_phase;
  const auto at_an_end = phase == "opening" || phase == "closing";
  auto sum = context.is_first_turn ? 0.30 : 0.0;
  sum += context.is_identity_sensitive ? 0.30 : 0.0;
  sum += context.requires_strong_tools ? 0.15 : 0.0;
  sum += context.requires_vision ? 0.10 : 0.0;
  sum += 0.10 * std::min(1.0, static_cast<double>(context.estimated_input_tokens) / tokens_anchor);
  sum += at_an_end ? 0.05 : 0.0;
  return std::min(1.0, sum);
}

double score_tier(std::string_view name, const tier_metadata& metadata,
                  const routing_context& context) {
  constexpr auto output_tokens = 500.0;
  constexpr auto cents_anchor = 5.0;
  constexpr auto latency_anchor_ms = 5000.0;
  const auto tokens = static_cast<double>(context.estimated_input_tokens);
  const auto cents = metadata.cost_input_per_1k_tokens * tokens / 1000.0
                     + metadata.cost_output_per_1k_tokens * output_tokens / 1000.0;
  const auto cost = part_left(cents, cents_anchor);
  const auto latency = part_left(metadata.first_token_latency_ms, latency_anchor_ms);
  const auto fit = fit_of(name, metadata, quality_proxy(context));
  const auto weights = weights_of(context.profile);
  return weights.cost * cost + weights.quality * fit + weights.latency * latency;
}

routing_result<routing_decision> route_by_score(const routing_context& context,
                                                const tier_table* tiers,
                                                const unified_options& options) {
  const auto begin_ms = options.now_ms ? options.now_ms() : 0.0;
  auto left = filter_tiers(context, tiers);
  if (!left)
    return left.error();
  auto best = score_all(*left, context, tiers, options.score);
  const auto took_ms = options.now_ms ? options.now_ms() - begin_ms : 0.0;
  const auto bound_ms = static_cast<double>(scoring_time_max(context.profile).count());
  if (took_ms > bound_ms) {
    return fall_back("timeout",
                     " [smart_path_ms=" + decimals(took_ms, 2)
                       + "; bound_ms=" + decimals(bound_ms, 1) + ']',
                     context, tiers);
  }
  if (best.failed)
    return fall_back("scoring_error", {}, context, tiers);
  if (best.best.empty())
    return fall_back("empty_metadata", {}, context, tiers);
  return decision_of(std::move(best), std::move(*left), tiers);
}

std::string_view name_of(router_kind k) {
  return k == router_kind::unified ? "unified" : "heuristic";
}

router_kind other(router_kind k) {
  return k == router_kind::unified ? router_kind::heuristic : router_kind::unified;
}

std::optional<router_kind> router_kind_of(std::string_view name) {
  for (const auto k : {router_kind::heuristic, router_kind::unified}) {
    if (name_of(k) == name)
      return k;
  }
  return std::nullopt;
}

routing_result<routing_decision> route_turn(const turn_routing& how, const routing_context& context,
                                            const tier_table* tiers,
                                            const unified_options& options) {
  const auto wish = how.force_frontier ? tier_wish::frontier : how.wish;
  auto wished = override_of(wish, tiers);
  if (!wished)
    return route_with(how.router, context, tiers, options);
  const auto who = std::string{how.force_frontier ? "force_frontier" : "persona_override"};
  const auto left = filter_tiers(context, tiers);
  if (!left)
    return left.error();
  if (can_take(*left, tiers, wished->tier)) {
    wished->rationale = who + " → " + wished->tier;
    return *wished;
  }
  auto out = route_with(how.router, context, tiers, options);
  if (!out)
    return out;
  out->rationale = who + " " + wished->tier + " cannot take this turn: " + out->rationale;
  out->fallback_triggered = true;
  out->fallback_reason = who + "_filtered";
  return out;
}

bool fallback_log_limiter::may_log(std::string_view reason, routing_profile profile,
                                   double now_ms) {
  constexpr auto quiet_ms = 60'000.0;
  const auto key = std::string{reason} + '/' + std::string{name_of(profile)};
  const auto [last, is_first] = last_ms_.try_emplace(key, now_ms);
  if (!is_first && now_ms - last->second <= quiet_ms)
    return false;
  last->second = now_ms;
  return true;
}

}  // namespace persona_runtime
