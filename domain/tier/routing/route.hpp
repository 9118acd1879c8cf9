#pragma once
// Which tier a chat turn goes to: what is known about the turn, what came out, and the rules
// without scores (spec routing §16, §17). Runs do not use it.

#include "domain/failure.hpp"
#include "domain/persona/persona.hpp"
#include "domain/tier/tier_table.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

enum class routing_profile : std::uint8_t { text_default, voice };

/// "text_default", "voice".
[[nodiscard]] std::string_view name_of(routing_profile p);
[[nodiscard]] std::optional<routing_profile> routing_profile_of(std::string_view name);

/// What routing knows about a turn.
struct routing_context {
  bool requires_vision = false;              // it carries an image
  std::uint64_t estimated_input_tokens = 0;  // characters of the user's message / 4
  bool requires_strong_tools = false;
  bool is_first_turn = false;
  bool is_identity_sensitive = false;
  bool is_boilerplate = false;
  std::string conversation_phase = "middle";  // or "opening", "closing", …
  routing_profile profile = routing_profile::text_default;
  friend bool operator==(const routing_context&, const routing_context&) = default;
};

/// Which tier it is and why. Field order is JSON order.
struct routing_decision {
  std::string tier;
  std::string model;  // the tier's first; empty: unknown
  std::string rationale;
  std::vector<std::string> candidates_considered{};
  std::map<std::string, std::string> layer1_filter_reasons{};
  double layer2_score = 0;
  bool fallback_triggered = false;
  std::optional<std::string> fallback_reason{};
  std::vector<std::string> model_candidates{};
  std::map<std::string, double> score_vector{};
  std::map<std::string, double> weights_used{};
  bool model_fallback_engaged = false;
  std::optional<std::string> model_fallback_reason{};
  friend bool operator==(const routing_decision&, const routing_decision&) = default;
};

void append_decision(std::string& out, const routing_decision& d);

/// Reads what append_decision wrote. Unknown and missing fields are refused.
[[nodiscard]] result<routing_decision> routing_decision_of(std::string_view json);

/// Why no configured tier can take the turn.
enum class routing_obstacle : std::uint8_t {
  no_vision_tier,           // NoVisionTierConfiguredError: a 422 before anything is streamed
  context_window_exceeded,  // RoutingConstraintsUnsatisfiableError, like the next
  no_strong_tools_tier,
};

struct routing_failure {
  routing_obstacle obstacle = routing_obstacle::no_vision_tier;
  std::string configured_tiers;  // that were left when the last one fell out: "frontier,mid"
  std::string required{};        // "context_window>=8001", "strong_tools"; empty for vision
  friend bool operator==(const routing_failure&, const routing_failure&) = default;
};

/// Like failure's: lets value() throw; production code tests first.
[[noreturn]] void throw_exception_from_error(const routing_failure& f,
                                             const boost::source_location&);

/// "NoVisionTierConfiguredError", "RoutingConstraintsUnsatisfiableError".
[[nodiscard]] std::string_view class_name(routing_obstacle o);
/// "no_vision_tier", …
[[nodiscard]] std::string_view reason_of(routing_obstacle o);
/// What happened and what to do about it, with the reason and the tiers in brackets.
[[nodiscard]] std::string describe(const routing_failure& f);

template <class T>
using routing_result = boost::system::result<T, routing_failure>;

/// Layer 1: the tiers that can take the turn at all, in the order of configuration. Without a
/// table the three usual ones, whatever the turn needs. A tier without metadata stays in.
[[nodiscard]] routing_result<std::vector<std::string>> filter_tiers(const routing_context& context,
                                                                    const tier_table* tiers);

/// The rules: first turn, boilerplate, identity, mid, whatever is left (spec §17.1).
[[nodiscard]] routing_result<routing_decision> route_by_rules(const routing_context& context,
                                                              const tier_table* tiers);

/// The persona's own wish (spec §17.3): {tier, "persona_override → TIER"}; none for `automatic`.
/// It goes past Layer 1.
[[nodiscard]] std::optional<routing_decision> override_of(tier_wish wish, const tier_table* tiers);

/// The first member of the tier that serves `name`; empty when nothing does.
[[nodiscard]] std::string model_name_for(const tier_table* tiers, std::string_view name);

/// The older entry point (spec §17.2): only vision filters, and a persona's wish counts when it is
/// among the candidates.
struct tier_choice {
  tier_wish wish = tier_wish::automatic;
  bool is_first_turn = false;
  bool is_boilerplate = false;
  bool is_identity_sensitive = false;
  bool has_image = false;
};
[[nodiscard]] routing_result<std::string> choose_tier(const tier_choice& turn,
                                                      const tier_table* tiers);

}  // namespace persona_runtime
