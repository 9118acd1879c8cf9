#include "bootstrap/settings/tier_plan.hpp"

#include "bootstrap/settings/providers.hpp"
#include "domain/text/ascii_case.hpp"
#include "domain/text/joined.hpp"
#include "domain/yaml/problem.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

std::vector<std::string> those_set(const environment& env, const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto* suffix : {"PROVIDER", "MODEL", "API_KEY"}) {
    if (env.get(prefix + suffix))
      names.push_back(prefix + suffix);
  }
  return names;
}

config_problem incomplete(const std::string& where, const std::string& tier,
                          std::vector<std::string> missing) {
  std::ranges::sort(missing);
  const auto names = joined(missing, ", ");
  return {where,
          "the tier " + tier + " is incomplete: set " + names,
          "IncompleteTierConfigError",
          {{"tier", tier}, {"missing_vars", names}}};
}

config_problem unknown_provider(const std::string& where, const std::string& tier,
                                const std::string& name) {
  return {where,
          "the provider " + in_quotes(name) + " is unknown; known are " + built_provider_names(),
          "MalformedTierModelsError",
          {{"tier", tier}, {"value", name}, {"reason", "unknown_provider"}}};
}

/// PERSONA_<TIER>_MODELS.
std::optional<tier_plan> plan_list(const model_input& input, tier_plan plan,
                                   const std::string& value, built_models& out) {
  plan.where = plan.prefix + "MODELS";
  auto slots = parse_model_list(value, {plan.tier, plan.where});
  if (!slots) {
    out.problems.push_back(slots.error());
    return std::nullopt;
  }
  plan.slots = std::move(*slots);
  plan.is_list = true;
  if (auto ignored = those_set(input.env, plan.prefix); !ignored.empty()) {
    std::ranges::sort(ignored);
    plan.takes_tier_variables = false;
    out.setup.notices.push_back(
      {false, plan.where + " is used; ignored: " + joined(ignored, ", ")});
  }
  return plan;
}

/// A provider, a model and perhaps a key by variables; the file may give what they leave out.
std::optional<tier_plan> plan_triplet(const model_input& input, tier_plan plan,
                                      const tier_settings* file, built_models& out) {
  const auto provider_set = input.env.get(plan.prefix + "PROVIDER");
  const auto model_set = input.env.get(plan.prefix + "MODEL");
  // What the file says belongs to its own provider.
  const bool is_same = file != nullptr && file->models.empty()
                       && (!provider_set || !file->provider || *provider_set == *file->provider);
  plan.file = is_same ? file : nullptr;
  const auto provider = provider_set           ? provider_set
                        : plan.file != nullptr ? plan.file->provider
                                               : std::nullopt;
  auto model = model_set ? model_set : plan.file != nullptr ? plan.file->model : std::nullopt;
  const auto set = those_set(input.env, plan.prefix);
  plan.where = set.front();
  const auto* known = provider ? find_provider(*provider) : nullptr;
  if (provider && known == nullptr) {
    out.problems.push_back(unknown_provider(plan.prefix + "PROVIDER", plan.tier, *provider));
    return std::nullopt;
  }
  if (!model && known != nullptr && !known->needs_key && !known->default_model.empty()) {
    model = std::string{known->default_model};
  }
  if (provider && model) {
    plan.slots.push_back({*provider, *model});
    return plan;
  }
  std::vector<std::string> missing;
  if (!provider)
    missing.push_back(plan.prefix + "PROVIDER");
  if (!model)
    missing.push_back(plan.prefix + "MODEL");
  const bool wants_key = known == nullptr || known->needs_key;
  const bool has_key =
    input.env.get(plan.prefix + "API_KEY").has_value()
    || (known != nullptr && input.env.get("PERSONA_" + ascii_upper(known->name) + "_API_KEY"));
  if (wants_key && !has_key)
    missing.push_back(plan.prefix + "API_KEY");
  out.problems.push_back(incomplete(plan.where, plan.tier, std::move(missing)));
  return std::nullopt;
}

/// `tiers.<tier>` of the file alone.
std::optional<tier_plan> plan_file(const model_input& input, tier_plan plan,
                                   const tier_settings& file, built_models& out) {
  const auto path = "tiers." + plan.tier;
  const auto where = [&](std::string_view key) {
    return input.loaded.source_of(path + '.' + std::string{key}).value_or(path);
  };
  plan.file = &file;
  if (!file.models.empty()) {
    plan.where = where("models");
    auto slots = parse_model_list(file.models, {plan.tier, plan.where});
    if (!slots) {
      out.problems.push_back(slots.error());
      return std::nullopt;
    }
    plan.slots = std::move(*slots);
    plan.is_list = true;
    return plan;
  }
  if (!file.provider && !file.model)
    return std::nullopt;
  plan.where = where(file.provider ? "provider" : "model");
  const auto* known = file.provider ? find_provider(*file.provider) : nullptr;
  if (file.provider && known == nullptr) {
    out.problems.push_back(unknown_provider(plan.where, plan.tier, *file.provider));
    return std::nullopt;
  }
  auto model = file.model;
  if (!model && known != nullptr && !known->needs_key && !known->default_model.empty()) {
    model = std::string{known->default_model};
  }
  if (known == nullptr || !model) {
    out.problems.push_back(
      incomplete(plan.where, plan.tier, {path + (known == nullptr ? ".provider" : ".model")}));
    return std::nullopt;
  }
  plan.slots.push_back({*file.provider, *model});
  return plan;
}

}  // namespace

std::string global_provider(const environment& env) {
  return env.get("PERSONA_PROVIDER").value_or("anthropic");
}

std::optional<tier_plan> plan_tier(const model_input& input, const std::string& tier,
                                   built_models& out) {
  tier_plan plan;
  plan.tier = tier;
  plan.prefix = "PERSONA_" + ascii_upper(tier) + '_';
  if (const auto list = input.env.get(plan.prefix + "MODELS")) {
    return plan_list(input, std::move(plan), *list, out);
  }
  const auto found = input.loaded.values.tiers.find(tier);
  const auto* file = found == input.loaded.values.tiers.end() ? nullptr : &found->second;
  const bool has_models =
    file != nullptr && (!file->models.empty() || file->provider || file->model);
  const bool names_model =
    input.env.get(plan.prefix + "PROVIDER") || input.env.get(plan.prefix + "MODEL");
  const bool has_key = input.env.get(plan.prefix + "API_KEY").has_value();
  if (names_model || (has_key && !has_models)) {
    return plan_triplet(input, std::move(plan), file, out);
  }
  return has_models ? plan_file(input, std::move(plan), *file, out) : std::nullopt;
}

std::optional<tier_plan> plan_global(const model_input& input, built_models& out) {
  tier_plan plan;
  plan.prefix = "PERSONA_";
  const auto set = those_set(input.env, plan.prefix);
  if (set.empty())
    return std::nullopt;
  plan.where = set.front();
  const auto provider = global_provider(input.env);
  const auto* known = find_provider(provider);
  if (known == nullptr) {
    out.problems.push_back(unknown_provider("PERSONA_PROVIDER", "", provider));
    return std::nullopt;
  }
  auto model = input.env.get("PERSONA_MODEL");
  if (!model && !known->default_model.empty())
    model = std::string{known->default_model};
  if (!model) {
    out.problems.push_back(
      {plan.where, "PERSONA_PROVIDER=" + provider + " needs PERSONA_MODEL", "", {}});
    return std::nullopt;
  }
  plan.slots.push_back({provider, *model});
  return plan;
}

}  // namespace persona_runtime
