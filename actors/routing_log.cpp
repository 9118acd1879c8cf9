#include "actors/routing_log.hpp"

#include <algorithm>

namespace persona_runtime {

void routing_log::note(const std::vector<turn_record>& records, const turn_state& turn) {
  const auto routed = std::ranges::any_of(
    records, [](const auto& r) { return std::holds_alternative<turn_fact::routed>(r); });
  if (!routed || !turn.desk.routing)
    return;
  const auto& decision = *turn.desk.routing;
  if (decision.fallback_triggered)
    warn(turn, decision);
  if (turn.desk.routing_shadow)
    compare(turn, decision, *turn.desk.routing_shadow);
}

void routing_log::warn(const turn_state& turn, const routing_decision& decision) {
  const auto reason = decision.fallback_reason.value_or("unknown");
  {
    const auto guard = std::lock_guard{mutex_};
    // A chat turn is text, whatever channel it came by.
    if (!limiter_.may_log(reason, routing_profile::text_default, static_cast<double>(now_().value)))
      return;
  }
  log_->write(log_level::warning, "routing", "fell back to the rules",
              {{"turn", turn.spec->answer.value},
               {"reason", reason},
               {"tier", decision.tier},
               {"rationale", decision.rationale}});
}

void routing_log::compare(const turn_state& turn, const routing_decision& decision,
                          const routing_decision& shadow) {
  log_->write(log_level::info, "routing",
              decision.tier == shadow.tier ? "both routers agree" : "the other router differs",
              {{"turn", turn.spec->answer.value},
               {"tier", decision.tier},
               {"rationale", decision.rationale},
               {"shadow_tier", shadow.tier},
               {"shadow_rationale", shadow.rationale}});
}

}  // namespace persona_runtime
