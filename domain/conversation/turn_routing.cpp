// Which tier a turn goes to.

#include "domain/conversation/turn_draft.hpp"
#include "domain/tier/routing/message_signals.hpp"

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

}  // namespace

namespace turning {

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
  desk.routing = *decision;
  d.note(turn_fact::routed{std::move(*decision)});
  go_on(d);
}

}  // namespace turning

result<void> check_turn(const turn_frame& frame, const turn_rules& rules) {
  if (rules.tiers->tiers.empty())
    return failure{errc::model_unavailable, "no model is configured"};
  const auto asked = question_of(frame, rules);
  const auto decision = route_turn(asked.how, asked.context, rules.tiers.get());
  if (!decision && decision.error().obstacle == routing_obstacle::no_vision_tier)
    return failure{errc::validation_error, describe(decision.error())};
  return {};
}

}  // namespace persona_runtime
