#include "domain/tier/routing/route.hpp"

#include "domain/text/joined.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

namespace persona_runtime {
namespace {

using tier_names = std::vector<std::string>;

bool has(const tier_names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tier_names usual_tiers() {
  return {"frontier", "mid", "small"};
}

tier_names configured(const tier_table& tiers) {
  auto out = tier_names{};
  for (const auto& tier : tiers.tiers)
    out.push_back(tier.name);
  return out;
}

tier_names kept(const tier_names& names, const tier_table& tiers,
                const std::function<bool(const tier_entry&)>& keep) {
  auto out = tier_names{};
  for (const auto& name : names) {
    if (keep(*tiers.resolve(name)))
      out.push_back(name);
  }
  return out;
}

routing_failure obstacle(routing_obstacle kind, const tier_names& left, std::string required) {
  return {kind, joined(left, ","), std::move(required)};
}

/// The order of the rules is the table of spec §17.1.
std::pair<std::string, std::string> rule_for(const routing_context& context,
                                             const tier_names& tiers) {
  if (context.is_first_turn && has(tiers, "frontier"))
    return {"frontier", "first_turn"};
  if (context.is_boilerplate && has(tiers, "small"))
    return {"small", "boilerplate"};
  if (context.is_identity_sensitive && has(tiers, "frontier"))
    return {"frontier", "identity_sensitive"};
  if (has(tiers, "mid"))
    return {"mid", "default"};
  return {tiers.front(), "fallback"};
}

}  // namespace

std::string_view name_of(routing_profile p) {
  return p == routing_profile::voice ? "voice" : "text_default";
}

std::optional<routing_profile> routing_profile_of(std::string_view name) {
  for (const auto p : {routing_profile::text_default, routing_profile::voice}) {
    if (name_of(p) == name)
      return p;
  }
  return std::nullopt;
}

void throw_exception_from_error(const routing_failure& f, const boost::source_location&) {
  throw std::runtime_error(describe(f));
}

std::string_view class_name(routing_obstacle o) {
  return o == routing_obstacle::no_vision_tier ? "NoVisionTierConfiguredError"
                                               : "RoutingConstraintsUnsatisfiableError";
}

std::string_view reason_of(routing_obstacle o) {
  constexpr auto reasons = std::array<std::string_view, 3>{
    "no_vision_tier", "context_window_exceeded", "no_strong_tools_tier"};
  return reasons.at(static_cast<std::size_t>(o));
}

std::string describe(const routing_failure& f) {
  auto out = std::string{};
  switch (f.obstacle) {
  case routing_obstacle::no_vision_tier:
    out = "no configured tier takes images; configure a model that does, or leave the image out";
    break;
  case routing_obstacle::context_window_exceeded:
    out = "the message is longer than any configured model reads; shorten it, or configure a model "
          "with a larger context window";
    break;
  case routing_obstacle::no_strong_tools_tier:
    out = "no configured tier is strong enough with tools; set tool_strength: strong on one";
    break;
  }
  out.append(" [reason=").append(reason_of(f.obstacle));
  out.append(" configured_tiers=").append(f.configured_tiers);
  if (!f.required.empty())
    out.append(" required=").append(f.required);
  return out + ']';
}

routing_result<std::vector<std::string>> filter_tiers(const routing_context& context,
                                                      const tier_table* tiers) {
  if (tiers == nullptr)
    return usual_tiers();
  auto left = configured(*tiers);
  if (context.requires_vision) {
    const auto seeing = kept(left, *tiers, [](const tier_entry& t) { return t.vision(); });
    if (seeing.empty())
      return obstacle(routing_obstacle::no_vision_tier, left, {});
    left = seeing;
  }
  const auto tokens = context.estimated_input_tokens;
  const auto wide = kept(left, *tiers, [tokens](const tier_entry& t) {
    return !t.metadata || t.metadata->context_window >= tokens;
  });
  if (wide.empty()) {
    return obstacle(routing_obstacle::context_window_exceeded, left,
                    "context_window>=" + std::to_string(tokens));
  }
  if (!context.requires_strong_tools)
    return wide;
  const auto strong = kept(wide, *tiers, [](const tier_entry& t) {
    return !t.metadata || t.metadata->tools == tool_strength::strong;
  });
  if (strong.empty())
    return obstacle(routing_obstacle::no_strong_tools_tier, wide, "strong_tools");
  return strong;
}

routing_result<routing_decision> route_by_rules(const routing_context& context,
                                                const tier_table* tiers) {
  auto left = filter_tiers(context, tiers);
  if (!left)
    return left.error();
  const auto [tier, rule] = rule_for(context, *left);
  auto out = routing_decision{};
  out.tier = tier;
  out.model = model_name_for(tiers, tier);
  out.rationale = rule + " → " + tier;
  out.candidates_considered = std::move(*left);
  return out;
}

std::optional<routing_decision> override_of(tier_wish wish, const tier_table* tiers) {
  if (wish == tier_wish::automatic)
    return std::nullopt;
  auto out = routing_decision{};
  out.tier = name_of(wish);
  out.model = model_name_for(tiers, out.tier);
  out.rationale = "persona_override → " + out.tier;
  out.candidates_considered = {out.tier};
  return out;
}

std::string model_name_for(const tier_table* tiers, std::string_view name) {
  const auto* tier = tiers == nullptr ? nullptr : tiers->resolve(name);
  return tier == nullptr || tier->members.empty() ? std::string{} : tier->members.front().model;
}

routing_result<std::string> choose_tier(const tier_choice& turn, const tier_table* tiers) {
  auto candidates = usual_tiers();
  if (tiers != nullptr) {
    candidates = configured(*tiers);
    if (turn.has_image) {
      auto seeing = kept(candidates, *tiers, [](const tier_entry& t) { return t.vision(); });
      if (seeing.empty())
        return obstacle(routing_obstacle::no_vision_tier, candidates, {});
      candidates = std::move(seeing);
    }
  }
  if (turn.wish != tier_wish::automatic && has(candidates, name_of(turn.wish)))
    return std::string{name_of(turn.wish)};
  if (candidates.empty())
    return obstacle(routing_obstacle::no_vision_tier, candidates, {});
  auto context = routing_context{};
  context.is_first_turn = turn.is_first_turn;
  context.is_boilerplate = turn.is_boilerplate;
  context.is_identity_sensitive = turn.is_identity_sensitive;
  return rule_for(context, candidates).first;
}

}  // namespace persona_runtime
