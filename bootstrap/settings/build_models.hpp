#pragma once
// Which models there are and how they are reached: the environment joined with `tiers:` of the
// file (spec routing §5, contract §2). docs/configuration.md has the rules in words.

#include "bootstrap/settings/load_settings.hpp"
#include "bootstrap/settings/secret.hpp"
#include "domain/failure.hpp"
#include "domain/tier/model_catalog.hpp"
#include "domain/tier/tier_table.hpp"
#include "providers/chat/chat_provider.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// How one member of a tier is reached.
struct endpoint {
  std::string provider;
  std::string base_url;    // empty: the provider has none
  secret api_key;          // empty: none is needed
  std::string wire_model;  // what requests say; may differ from model_entry::model
  std::string extra_body;  // a JSON object that is merged into every request; empty: none
  double temperature = 0.0;
  call_timeouts timeouts;
};

struct config_notice {
  bool is_warning = false;  // else for information
  std::string text;         // no secrets
};

/// A tier that is configured and cannot be used; the others can.
struct tier_off {
  std::string tier;
  std::vector<config_problem> problems;  // at least one
};

struct model_setup {
  tier_snapshot table = std::make_shared<const tier_table>();
  std::vector<std::vector<endpoint>> endpoints;  // [tier][member], parallel to table->tiers
  std::vector<std::string> sources;              // [tier]: variable, or file and line
  std::vector<config_notice> notices;            // to be logged at the start
  std::vector<tier_off> off;                     // what is wrong stands in `notices` too
};

/// The metadata of the tier that serves `name`; null: it has none, or no tier serves it.
[[nodiscard]] const tier_metadata* metadata_for(const model_setup& setup, std::string_view name);

struct built_models {
  model_setup setup;
  std::vector<config_problem> problems;  // any: do not start
};

struct model_input {
  const loaded_settings& loaded;
  const environment& env;
  const model_catalog& catalog;
  /// Gives the text of a key file. Paths are relative to the working directory.
  std::function<result<std::string>(const std::string& path)> read_file;
};

/// Tiers in the order frontier, mid, small; none at all when nothing is configured. A tier with a
/// problem is off and the others are built; when none is left, the problems stop the start.
[[nodiscard]] built_models build_models(const model_input& input);

/// Gives every one of the three tiers that has no model the embedded stand-in (`--rehearsal`).
void add_rehearsal(model_setup& setup, const model_catalog& catalog,
                   const timeout_settings& timeouts);

}  // namespace persona_runtime
