// Compiled without contraction into fused operations, like the scores of tiers.

#include "domain/tier/routing/select_model.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace persona_runtime {
namespace {

struct candidate {
  const model_entry* model = nullptr;
  double quality = 0;
  double latency_ms = 0;
  double cents = 0;
  double cost = 1;  // axes, 0 to 1, the more the better
  double latency = 1;
  double total = 0;
};

using candidate_list = std::vector<candidate>;

bool can_answer(const model_entry& m, const routing_context& context) {
  return (!context.requires_vision || m.vision)
         && (!context.requires_strong_tools || m.native_tools)
         && *m.context_window >= context.estimated_input_tokens;
}

candidate_list known_models(const tier_entry& tier, const model_traits_table& traits) {
  auto out = candidate_list{};
  for (const auto& m : tier.members) {
    const auto found = traits.find(m.label());
    if (m.price && m.context_window && found != traits.end())
      out.push_back({&m, found->second.quality, found->second.first_token_ms});
  }
  return out;
}

/// 1 for the least, 0 for the most; all 1 when they are equal.
void spread(candidate_list& all, double candidate::*value, double candidate::*axis) {
  const auto [least, most] =
    std::ranges::minmax_element(all, {}, [value](const candidate& c) { return c.*value; });
  const auto low = (*least).*value;
  const auto high = (*most).*value;
  for (auto& c : all)
    c.*axis = high > low ? (high - c.*value) / (high - low) : 1.0;
}

void score(candidate_list& all, const routing_weights& weights) {
  spread(all, &candidate::cents, &candidate::cost);
  spread(all, &candidate::latency_ms, &candidate::latency);
  for (auto& c : all)
    c.total = weights.cost * c.cost + weights.quality * c.quality + weights.latency * c.latency;
  std::ranges::sort(all, [](const candidate& a, const candidate& b) {
    return std::tuple{-a.total, a.cents, a.model->label()}
           < std::tuple{-b.total, b.cents, b.model->label()};
  });
}

model_selection as_configured(const tier_entry& tier, std::string reason) {
  auto out = model_selection{};
  out.model = tier.members.empty() ? std::string{} : tier.members.front().label();
  out.engaged = true;
  out.reason = std::move(reason);
  return out;
}

model_selection chosen_of(const candidate_list& best_first, const routing_weights& weights) {
  const auto& best = best_first.front();
  auto out = model_selection{};
  out.model = best.model->label();
  for (const auto& c : best_first)
    out.candidates.push_back(c.model->label());
  out.axes = {{"cost", best.cost}, {"quality", best.quality}, {"latency", best.latency}};
  out.weights = {
    {"cost", weights.cost}, {"quality", weights.quality}, {"latency", weights.latency}};
  return out;
}

std::string shortest(double value) {
  auto digits = std::array<char, 32>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

}  // namespace

std::string_view kind_of(const selection_failure& f) {
  return f.why == selection_failure::cause::over_turn_cap ? "budget_exhausted" : "no_metadata";
}

std::string describe(const selection_failure& f) {
  if (f.why == selection_failure::cause::over_turn_cap)
    return "no model of the tier can answer within the persona's max_cents_per_turn; raise it, or "
           "configure a cheaper model [tier="
           + f.tier + " scope=per_turn cap_cents=" + shortest(f.cap_cents)
           + " cheapest_candidate_cents=" + shortest(f.cheapest_cents) + ']';
  return "nothing is known about the models of the tier, and the persona wants no order without "
         "that; give price, window, quality and latency of one in config/models.yaml, or set "
         "routing.intelligent.fallback_to_rule_based_on_miss [tier="
         + f.tier + ']';
}

void throw_exception_from_error(const selection_failure& f, const boost::source_location&) {
  throw std::runtime_error(describe(f));
}

double budget_pressure(double spent_cents, std::optional<double> cap_cents) {
  constexpr auto free_share = 0.8;
  if (!cap_cents || *cap_cents <= 0 || spent_cents / *cap_cents <= free_share)
    return 0;
  return std::min(1.0, (spent_cents / *cap_cents - free_share) / (1.0 - free_share));
}

routing_weights under_pressure(const routing_weights& base, double pressure) {
  if (pressure <= 0)
    return base;
  return {base.cost + (1.0 - base.cost) * pressure, base.quality * (1.0 - pressure),
          base.latency * (1.0 - pressure)};
}

double expected_cents(const model_price& price, std::uint64_t prompt_tokens) {
  constexpr auto reply_tokens = 500.0;
  return price.prompt * static_cast<double>(prompt_tokens) / 1000.0
         + price.completion * reply_tokens / 1000.0;
}

selection_result<model_selection>
select_model(const tier_entry& tier, const routing_context& context, const persona_routing& wishes,
             const money_spent& spent, const model_traits_table& traits,
             const measured_latency& measured) {
  if (tier.members.size() <= 1)
    return as_configured(tier, "not_a_multi_model_tier");
  auto all = known_models(tier, traits);
  if (all.empty()) {
    if (!wishes.rules_on_miss)
      return selection_failure{selection_failure::cause::no_metadata, tier.name};
    return as_configured(tier, "metadata_miss");
  }
  std::erase_if(all, [&context](const candidate& c) { return !can_answer(*c.model, context); });
  if (all.empty())
    return as_configured(tier, "capability_filtered");
  for (auto& c : all) {
    c.cents = expected_cents(*c.model->price, context.estimated_input_tokens);
    if (const auto seen = measured ? measured(c.model->label()) : std::nullopt)
      c.latency_ms = *seen;
  }
  const auto pressure = std::max(budget_pressure(spent.session_cents, wishes.cents_per_session_max),
                                 budget_pressure(spent.day_cents, wishes.cents_per_day_max));
  const auto weights = under_pressure(wishes.weights, pressure);
  score(all, weights);
  const auto cheapest = std::ranges::min(all, {}, &candidate::cents).cents;
  if (const auto cap = wishes.cents_per_turn_max) {
    std::erase_if(all, [cap](const candidate& c) { return c.cents > *cap; });
    if (all.empty())
      return selection_failure{selection_failure::cause::over_turn_cap, tier.name, *cap, cheapest};
  }
  return chosen_of(all, weights);
}

std::optional<std::string> dominant_factor(const std::map<std::string, double>& weights) {
  auto out = std::optional<std::string>{};
  auto most = -1.0;
  for (const auto* axis : {"cost", "quality", "latency"}) {
    const auto found = weights.find(axis);
    if (found != weights.end() && found->second > most) {
      most = found->second;
      out = axis;
    }
  }
  return out;
}

std::vector<std::string> asking_order(const tier_entry& tier, std::string_view first,
                                      bool with_image) {
  auto out = std::vector<std::string>{};
  if (tier.members.size() < 2)
    return out;
  for (const auto& m : tier.members) {
    if (!with_image || m.vision)
      out.push_back(m.label());
  }
  const auto chosen = std::ranges::find(out, first);
  if (chosen != out.end())
    std::rotate(out.begin(), chosen, chosen + 1);
  const auto same = std::ranges::equal(out, tier.members, {}, {}, &model_entry::label);
  return same ? std::vector<std::string>{} : out;
}

}  // namespace persona_runtime
