#pragma once
// Which model of the chosen tier is asked first (spec routing §21): for personas that want it, the
// one whose price, quality and latency suit them best, within what they may spend.

#include "domain/tier/model_traits.hpp"
#include "domain/tier/routing/route.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// US cents so far, for the two caps that only press; at least 0.
struct money_spent {
  double session_cents = 0;  // in this conversation
  double day_cents = 0;      // by this owner and persona, since midnight UTC
};

/// Milliseconds to the first token of "provider/model", as measured; none: too few samples.
using measured_latency = std::function<std::optional<double>(std::string_view label)>;

/// What came of it. Models are "provider/model".
struct model_selection {
  std::string model;                      // empty: the tier has none
  std::vector<std::string> candidates{};  // those that may be asked, best first
  std::map<std::string, double> axes{};   // of the first: cost, quality, latency
  std::map<std::string, double> weights{};
  bool engaged = false;                 // nothing was scored: the order of configuration counts
  std::optional<std::string> reason{};  // why not
  friend bool operator==(const model_selection&, const model_selection&) = default;
};

/// Why no model may be asked.
struct selection_failure {
  enum class cause : std::uint8_t { no_metadata, over_turn_cap };
  cause why = cause::no_metadata;
  std::string tier;
  double cap_cents = 0;       // over_turn_cap
  double cheapest_cents = 0;  // likewise
};

/// "no_metadata", "budget_exhausted": the kind of the turn's error.
[[nodiscard]] std::string_view kind_of(const selection_failure& f);
/// What happened, where, and what to do about it.
[[nodiscard]] std::string describe(const selection_failure& f);
[[noreturn]] void throw_exception_from_error(const selection_failure& f,
                                             const boost::source_location&);

template <class T>
using selection_result = boost::system::result<T, selection_failure>;

/// 0: far from the cap; 1: it is used up. A cap that is not set, or 0, does not press.
[[nodiscard]] double budget_pressure(double spent_cents, std::optional<double> cap_cents);

/// Moves the weights towards cost alone.
[[nodiscard]] routing_weights under_pressure(const routing_weights& base, double pressure);

/// What a turn of so many tokens is expected to cost, with 500 tokens of reply.
[[nodiscard]] double expected_cents(const model_price& price, std::uint64_t prompt_tokens);

/// Models of which price, window or traits are unknown are not scored. Reasons for the
/// order of configuration: not_a_multi_model_tier, metadata_miss, capability_filtered.
[[nodiscard]] selection_result<model_selection>
select_model(const tier_entry& tier, const routing_context& context, const persona_routing& wishes,
             const money_spent& spent, const model_traits_table& traits,
             const measured_latency& measured = {});

/// The axis that weighs most: cost, quality or latency; of equal ones the first. None: no weights.
[[nodiscard]] std::optional<std::string>
dominant_factor(const std::map<std::string, double>& weights);

/// The order in which the tier's models are asked: `first` before the others, and for an image
/// only those that take images. Empty: as configured.
[[nodiscard]] std::vector<std::string> asking_order(const tier_entry& tier, std::string_view first,
                                                    bool with_image);

}  // namespace persona_runtime
