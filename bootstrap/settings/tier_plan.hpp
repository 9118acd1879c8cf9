#pragma once
// Which models a tier uses and where that was said (spec routing §5.6); not yet whether they can
// be reached.

#include "bootstrap/settings/build_models.hpp"
#include "bootstrap/settings/model_list.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// A value and the variable or file:line that it came from.
struct configured_value {
  std::string text;
  std::string where;
};

struct tier_plan {
  std::string tier;                     // "frontier"; empty: one model for all three tiers
  std::string prefix;                   // "PERSONA_FRONTIER_" or "PERSONA_"
  std::vector<model_slot> slots;        // at least one
  bool is_list = false;                 // slots without a key are left out
  const tier_settings* file = nullptr;  // what the file says about the same models; or null
  bool takes_tier_variables = true;     // of BASE_URL; not when a triplet stands beside the list
  std::string where;
};

/// None: the tier is not configured. Problems and notices are added.
[[nodiscard]] std::optional<tier_plan> plan_tier(const model_input& input, const std::string& tier,
                                                 built_models& out);

/// The one model of PERSONA_PROVIDER, PERSONA_MODEL and PERSONA_API_KEY, if any of them is set.
[[nodiscard]] std::optional<tier_plan> plan_global(const model_input& input, built_models& out);

/// PERSONA_PROVIDER, or the provider that it has by default.
[[nodiscard]] std::string global_provider(const environment& env);

}  // namespace persona_runtime
