#include "bootstrap/settings/model_list.hpp"

#include "bootstrap/settings/providers.hpp"
#include "bootstrap/settings/units.hpp"
#include "domain/text/ascii.hpp"
#include "domain/yaml/nearest_name.hpp"
#include "domain/yaml/problem.hpp"

namespace persona_runtime {
namespace {

constexpr std::size_t entries_max = 64;

config_problem malformed(std::string_view value, const list_place& place, std::string_view reason,
                         std::optional<std::size_t> position, std::string text) {
  config_problem problem{place.where, std::move(text), "MalformedTierModelsError", {}};
  problem.context = {
    {"tier", place.tier}, {"value", std::string{value}}, {"reason", std::string{reason}}};
  if (position)
    problem.context.emplace_back("position", std::to_string(*position));
  return problem;
}

std::string at(std::size_t position) {
  return "entry " + std::to_string(position + 1) + " of the list";
}

std::string unknown_provider_text(std::string_view provider) {
  std::vector<std::string_view> names;
  for (const auto& row : providers())
    names.push_back(row.name);
  auto text = "the provider " + in_quotes(provider) + " is unknown";
  if (const auto near = nearest_name(provider, names)) {
    return text + "; did you mean `" + std::string{*near} + "`?";
  }
  return text + "; known are " + built_provider_names();
}

config_problem local_problem(std::string_view provider, std::size_t position,
                             const list_place& place) {
  const bool is_ollama = provider == "ollama";
  std::string hint = is_ollama
                       ? "ollama is not a cross-provider fallback peer; use the single-backend "
                         "path: PERSONA_<TIER>_PROVIDER=ollama"
                       : "use the single-backend path: PERSONA_LOCAL_MODEL_ID";
  config_problem problem{place.where,
                         at(position) + " is local and cannot stand in a list; " + hint,
                         "LocalProviderInModelsListError",
                         {}};
  problem.context = {
    {"tier", place.tier}, {"position", std::to_string(position)}, {"hint", std::move(hint)}};
  return problem;
}

config_problem too_long(std::string_view value, const list_place& place) {
  return malformed(value.substr(0, 200), place, "too_many_entries", std::nullopt,
                   "the list has more than 64 models");
}

}  // namespace

slot_result parse_slot(std::string_view entry, std::size_t position, std::string_view value,
                       const list_place& place) {
  const auto text = trimmed(entry);
  if (text.empty()) {
    return malformed(value, place, "empty_csv_entry", position,
                     at(position) + " is empty; remove the comma");
  }
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return malformed(value, place, "missing_slash", position,
                     at(position) + " is " + in_quotes(text) + "; wanted is provider/model");
  }
  const auto provider = trimmed(text.substr(0, slash));
  const auto model = trimmed(text.substr(slash + 1));
  const auto* known = find_provider(provider);
  if (known == nullptr) {
    return malformed(value, place, "unknown_provider", position,
                     at(position) + ": " + unknown_provider_text(provider));
  }
  if (model.empty()) {
    return malformed(value, place, "empty_model", position,
                     at(position) + " names no model behind " + in_quotes(provider));
  }
  if (!known->may_stand_in_lists)
    return local_problem(provider, position, place);
  return model_slot{std::string{provider}, std::string{model}};
}

slots_result parse_model_list(std::string_view value, const list_place& place) {
  if (trimmed(value).empty()) {
    return malformed(value, place, "empty_after_strip", std::nullopt, "the list is blank");
  }
  std::vector<model_slot> slots;
  for (std::size_t begin = 0; begin <= value.size();) {
    const auto end = std::min(value.find(',', begin), value.size());
    if (slots.size() == entries_max)
      return too_long(value, place);
    auto slot = parse_slot(value.substr(begin, end - begin), slots.size(), value, place);
    if (!slot)
      return slot.error();
    slots.push_back(std::move(*slot));
    begin = end + 1;
  }
  return slots;
}

slots_result parse_model_list(const std::vector<std::string>& entries, const list_place& place) {
  std::string value;
  for (const auto& entry : entries)
    value.append(value.empty() ? "" : ",").append(entry);
  if (entries.size() > entries_max)
    return too_long(value, place);
  std::vector<model_slot> slots;
  for (const auto& entry : entries) {
    auto slot = parse_slot(entry, slots.size(), value, place);
    if (!slot)
      return slot.error();
    slots.push_back(std::move(*slot));
  }
  return slots;
}

}  // namespace persona_runtime
