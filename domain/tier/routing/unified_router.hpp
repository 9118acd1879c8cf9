#pragma once
// The router that scores: quality, cost and latency of every tier that can take the turn (spec
// routing §18). Where it cannot, the rules of route.hpp decide. Figures are static metadata.

#include "domain/tier/routing/route.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

struct axis_weights {
  double cost = 0;
  double quality = 0;
  double latency = 0;
  friend bool operator==(const axis_weights&, const axis_weights&) = default;
};

/// They sum to 1.
[[nodiscard]] axis_weights weights_of(routing_profile profile);

/// How long scoring may take before its result is thrown away: 100 ms for text, 30 ms for voice.
[[nodiscard]] std::chrono::milliseconds scoring_time_max(routing_profile profile);

/// How much the turn asks of a model, 0 to 1.
[[nodiscard]] double quality_proxy(const routing_context& context);

/// How well a tier of that name fits, to the last bit as the sums are written in the
/// specification. Not clamped.
[[nodiscard]] double score_tier(std::string_view name, const tier_metadata& metadata,
                                const routing_context& context);

/// The score of one tier; none: it could not be made.
using tier_scorer = std::function<std::optional<double>(
  std::string_view name, const tier_metadata& metadata, const routing_context& context)>;

struct unified_options {
  tier_scorer score{};  // empty: score_tier
  /// Milliseconds on a clock that only goes on; empty: scoring takes no time.
  std::function<double()> now_ms{};
};

/// The decision. Scored tiers win by score, equal ones by order. Without any metadata, with a
/// scorer that fails, or past its time the rules decide and the decision says why.
[[nodiscard]] routing_result<routing_decision> route_by_score(const routing_context& context,
                                                              const tier_table* tiers,
                                                              const unified_options& options = {});

/// Which router an operator has chosen.
enum class router_kind : std::uint8_t { heuristic, unified };

/// "heuristic", "unified".
[[nodiscard]] std::string_view name_of(router_kind k);
[[nodiscard]] std::optional<router_kind> router_kind_of(std::string_view name);
[[nodiscard]] router_kind other(router_kind k);

struct turn_routing {
  router_kind router = router_kind::heuristic;
  bool force_frontier = false;  // an operator's: goes before everything
  tier_wish wish = tier_wish::automatic;
};

/// Everything that chooses the tier of a turn. A forced or wished tier passes Layer 1 like any
/// other; one that cannot take the turn gives way to the router, which says so: reason
/// "force_frontier_filtered" or "persona_override_filtered".
[[nodiscard]] routing_result<routing_decision> route_turn(const turn_routing& how,
                                                          const routing_context& context,
                                                          const tier_table* tiers,
                                                          const unified_options& options = {});

/// Lets one warning per (reason, profile) through a minute; the first always. One actor's.
class fallback_log_limiter {
public:
  [[nodiscard]] bool may_log(std::string_view reason, routing_profile profile, double now_ms);

private:
  std::map<std::string, double> last_ms_;  // by reason and profile
};

}  // namespace persona_runtime
