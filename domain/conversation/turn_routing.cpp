// Which tier a turn goes to.

#include "domain/conversation/turn_draft.hpp"
#include "domain/tier/routing/message_signals.hpp"
#include "domain/tier/routing/select_model.hpp"
#include "domain/tier/walk.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

struct turn_question {
  turn_routing how;
  routing_context context;
};

turn_question question_of(const turn_frame& frame, const turn_rules& rules) {
  return {
    {rules.routing.router, rules.routing.force_frontier, frame.setup->who->routing.for_generation},
    context_of_turn(frame.spec->text, history_before(frame), !frame.spec->images.empty(),
                    frame.setup->keywords, rules.tables->signals)};
}

double now_ms(const turn_rules& rules) {
  return rules.routing.now_ms ? rules.routing.now_ms() : 0.0;
}

/// What the router that was not asked would have done.
std::optional<routing_decision> shadow_of(turn_question asked, const turn_rules& rules) {
  asked.how.router = other(asked.how.router);
  auto decision = route_turn(asked.how, asked.context, rules.tiers.get());
  return decision ? std::optional{std::move(*decision)} : std::nullopt;
}

void take_over(routing_decision& decision, model_selection selection) {
  if (!selection.engaged)
    decision.model = std::move(selection.model);
  decision.model_candidates = std::move(selection.candidates);
  decision.score_vector = std::move(selection.axes);
  decision.weights_used = std::move(selection.weights);
  decision.model_fallback_engaged = selection.engaged;
  decision.model_fallback_reason = std::move(selection.reason);
}

/// In which order the models of the chosen tier are asked.
std::optional<selection_failure>
choose_model(turning::turn_draft& d, const routing_context& context, routing_decision& decision) {
  static const auto nothing = model_traits_table{};
  const auto* tier = d.rules.tiers->resolve(decision.tier);
  if (tier == nullptr)
    return std::nullopt;
  auto first = std::string{};
  if (const auto& wishes = d.setup().who->routing; wishes.intelligent) {
    const auto& traits = d.rules.traits == nullptr ? nothing : *d.rules.traits;
    auto selection =
      select_model(*tier, context, wishes, d.now.desk.frame->spent, traits, d.rules.measured);
    if (!selection)
      return selection.error();
    first = selection->engaged ? std::string{} : selection->model;
    take_over(decision, std::move(*selection));
  }
  d.now.desk.order = asking_order(*tier, first, context.requires_vision);
  return std::nullopt;
}

}  // namespace

namespace turning {

member_order order_of(const turn_draft& d) {
  const auto& labels = d.now.desk.order;
  const auto* tier = labels.empty() ? nullptr : d.rules.tiers->resolve(d.now.tier);
  return tier == nullptr ? member_order{} : order_of(*tier, labels);
}

const model_entry* first_model(const turn_draft& d) {
  return d.rules.tiers->model_at(d.now.tier, first_of(order_of(d)));
}

std::optional<turn_fact::model_choice> choice_of(const turn_draft& d) {
  const auto& decision = d.now.desk.routing;
  if (!d.setup().who->routing.intelligent || !decision)
    return std::nullopt;
  const auto* first = first_model(d);
  auto out = turn_fact::model_choice{};
  out.model = first == nullptr ? decision->model : first->label();
  out.dominant = dominant_factor(decision->weights_used);
  out.fell_back = decision->model_fallback_engaged;
  out.reason = decision->model_fallback_reason;
  return out;
}

std::optional<turn_fact::spending> spending_of(const turn_draft& d) {
  const auto& wishes = d.setup().who->routing;
  const auto is_capped =
    wishes.cents_per_turn_max || wishes.cents_per_session_max || wishes.cents_per_day_max;
  if (!wishes.intelligent || !is_capped)
    return std::nullopt;
  return turn_fact::spending{
    add_cents(d.now.desk.frame->spent.session_cents, d.now.desk.tally.total().cents),
    wishes.cents_per_turn_max, wishes.cents_per_session_max, wishes.cents_per_day_max};
}

void choose_tier(turn_draft& d) {
  auto& desk = d.now.desk;
  const auto asked = question_of(*desk.frame, d.rules);
  const auto began = now_ms(d.rules);
  auto decision =
    route_turn(asked.how, asked.context, d.rules.tiers.get(), {{}, d.rules.routing.now_ms});
  desk.routing_ms = now_ms(d.rules) - began;
  if (!decision)
    return end_with_error(d, std::string{reason_of(decision.error().obstacle)},
                          describe(decision.error()));
  if (d.rules.routing.shadows)
    desk.routing_shadow = shadow_of(asked, d.rules);
  if (const auto failed = choose_model(d, asked.context, *decision))
    return end_with_error(d, std::string{kind_of(*failed)}, describe(*failed));
  desk.routing = *decision;
  d.note(turn_fact::routed{std::move(*decision)});
  go_on(d);
}

}  // namespace turning

result<void> check_turn(const turn_frame& frame, const turn_rules& rules) {
  if (rules.tiers->tiers.empty())
    return failure{errc::model_unavailable, "no model is configured"};
  if (frame.spec->images.empty())
    return {};
  const auto asked = question_of(frame, rules);
  const auto decision = route_turn(asked.how, asked.context, rules.tiers.get());
  if (!decision && decision.error().obstacle == routing_obstacle::no_vision_tier)
    return failure{errc::validation_error, describe(decision.error())};
  return {};
}

}  // namespace persona_runtime
