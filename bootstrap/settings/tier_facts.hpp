#pragma once
// What is known about the models of a tier beside how to reach them: window, price, metadata.

#include "bootstrap/settings/tier_plan.hpp"

#include <optional>

namespace persona_runtime {

/// The metadata of a tier (spec routing §14.4): the six variables if all are there and right, else
/// the file's, else none. A wrong variable is a warning.
[[nodiscard]] std::optional<tier_metadata> metadata_of(const model_input& input,
                                                       const tier_plan& plan, built_models& out);

/// The entry of one member: the catalogue, with the operator's window before it and, in a tier of
/// one model, the operator's price.
[[nodiscard]] model_entry facts_of(const model_input& input, const tier_plan& plan,
                                   const model_slot& slot);

/// Problems of variables that are checked even when nothing uses them: MAX_TOKENS, TEMPERATURE,
/// REQUEST_TIMEOUT_S, EXTRA_BODY and LOCAL_QUANTIZATION, of all tiers and of the providers.
void check_knobs(const environment& env, built_models& out);

/// The same of one tier ("mid").
void check_tier_knobs(const environment& env, const std::string& tier, built_models& out);

}  // namespace persona_runtime
