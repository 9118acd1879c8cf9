#include "bootstrap/settings/build_models.hpp"

#include "bootstrap/settings/check_settings.hpp"
#include "bootstrap/settings/member_reader.hpp"
#include "bootstrap/settings/providers.hpp"
#include "bootstrap/settings/tier_facts.hpp"
#include "bootstrap/settings/tier_plan.hpp"
#include "bootstrap/settings/units.hpp"
#include "domain/yaml/problem.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace persona_runtime {
namespace {

bool is_header_text(std::string_view key) {
  return key.size() <= 4096
         && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// NVIDIA's catalogue names its own models "nvidia/…"; the list's first slash takes that away.
std::string wire_model_of(const model_slot& slot) {
  const bool is_bare = slot.model.find('/') == std::string::npos;
  return slot.provider == "nvidia" && is_bare ? "nvidia/" + slot.model : slot.model;
}

struct member {
  model_entry entry;
  endpoint at;
};

class tier_builder {
public:
  tier_builder(const model_input& input, const tier_plan& plan, built_models& out)
    : input_{input}, plan_{plan}, out_{out} {}

  /// The members that can be reached; empty when there are problems.
  std::vector<member> build() {
    const auto problems_before = out_.problems.size();
    if (!check_file_key())
      return {};
    std::vector<member> members;
    for (const auto& slot : plan_.slots) {
      if (auto found = read(slot))
        members.push_back(std::move(*found));
      ++position_;
    }
    const bool is_broken = out_.problems.size() > problems_before;
    if (members.empty() && !is_broken)
      out_.problems.push_back(no_member());
    if (members.empty() || is_broken)
      return {};
    for (const auto& each : members)
      warn_of_unknown_window(each.entry);
    return members;
  }

private:
  /// A key of the tier is for every member of a list, so it must be of one provider.
  bool check_file_key() {
    const auto* file = plan_.file;
    if (!plan_.is_list || file == nullptr)
      return true;
    const auto& first = plan_.slots.front().provider;
    if (std::all_of(plan_.slots.begin(), plan_.slots.end(),
                    [&](const auto& slot) { return slot.provider == first; })) {
      return true;
    }
    if (input_.env.get(plan_.prefix + "API_KEY")) {
      out_.setup.notices.push_back(
        {true, plan_.prefix + "API_KEY is ignored: the tier has several providers"});
    }
    if (file->api_key.empty() && !file->api_key_file)
      return true;
    complain(plan_.where,
             "one key cannot be for several providers; use PERSONA_<PROVIDER>_API_KEY");
    return false;
  }

  void complain(const std::string& where, std::string text) {
    out_.problems.push_back({where, std::move(text)});
  }

  std::optional<member> read(const model_slot& slot) {
    const auto& provider = *find_provider(slot.provider);
    if (!provider.is_built) {
      const bool by_default = plan_.tier.empty() && !input_.env.get("PERSONA_PROVIDER");
      complain(plan_.where, "the provider " + slot.provider
                              + (by_default ? " (taken because PERSONA_PROVIDER is not set)" : "")
                              + " is not built into this version yet; built are "
                              + built_provider_names());
      return std::nullopt;
    }
    const member_reader reader{input_, plan_, slot};
    member found{facts_of(input_, plan_, slot), {}};
    found.at.provider = slot.provider;
    found.at.wire_model = wire_model_of(slot);
    const auto may_have_key = provider.needs_key || !provider.base_url.empty();
    if (may_have_key && !take_key(reader, slot, provider.needs_key, found.at))
      return std::nullopt;
    if (!provider.base_url.empty() && !take_url(reader, found.at))
      return std::nullopt;
    take_knobs(reader, found);
    return found;
  }

  bool take_key(const member_reader& reader, const model_slot& slot, bool is_needed, endpoint& at) {
    const auto key = reader.api_key();
    if (!key) {
      out_.problems.push_back(key.error());
      return false;
    }
    if (*key) {
      if (!is_header_text((*key)->text)) {
        complain((*key)->where, "the key holds blanks, control or non-ASCII characters");
        return false;
      }
      at.api_key = secret{(*key)->text};
      return true;
    }
    if (!is_needed)
      return true;
    missing_keys_.push_back(reader.missing_key_name());
    if (plan_.is_list) {
      out_.setup.notices.push_back(
        {true, "tier " + plan_.tier + ": " + slot.provider + '/' + slot.model + " is left out ("
                 + std::to_string(position_ + 1) + " of " + std::to_string(plan_.slots.size())
                 + "): " + reader.missing_key_name() + " is not set"});
    } else {
      complain_of_missing_key(reader, slot);
    }
    return false;
  }

  void complain_of_missing_key(const member_reader& reader, const model_slot& slot) {
    const auto name = reader.missing_key_name();
    auto text = plan_.tier.empty() ? slot.provider + " needs a key: set " + name
                                   : "the tier " + plan_.tier + " is incomplete: set " + name;
    out_.problems.push_back({plan_.where,
                             std::move(text),
                             "IncompleteTierConfigError",
                             {{"tier", plan_.tier}, {"missing_vars", name}}});
  }

  bool take_url(const member_reader& reader, endpoint& at) {
    const auto url = reader.base_url();
    if (const auto wrong = wrong_with_url(url.text)) {
      complain(url.where, *wrong);
      return false;
    }
    at.base_url = url.text;
    return true;
  }

  /// Their texts were checked by check_knobs() or by the table of settings.
  void take_knobs(const member_reader& reader, member& found) {
    const auto number = [&](const char* suffix) {
      const auto text = reader.knob(suffix);
      return text ? parse_number(*text) : std::nullopt;
    };
    if (const auto cap = number("MAX_TOKENS")) {
      found.entry.reply_tokens_max = static_cast<std::uint32_t>(std::clamp(*cap, 1.0, 1e6));
    }
    found.at.temperature = number("TEMPERATURE").value_or(0.0);
    found.at.extra_body = reader.knob("EXTRA_BODY").value_or("");
    const auto& set = input_.loaded.values.timeouts;
    found.at.timeouts = {set.connect, set.first_token, set.between_tokens, set.call};
    if (const auto seconds = number("REQUEST_TIMEOUT_S")) {
      const std::chrono::milliseconds limit{
        std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(*seconds, 86'400.0) * 1000))};
      found.at.timeouts.first_token = limit;
      found.at.timeouts.between_tokens = limit;
    }
  }

  [[nodiscard]] config_problem no_member() const {
    std::string models;
    std::string providers;
    for (const auto& slot : plan_.slots) {
      models.append(models.empty() ? "" : ",").append(slot.provider + '/' + slot.model);
      providers.append(providers.empty() ? "" : ",").append(slot.provider);
    }
    std::string variables;
    for (const auto& name : missing_keys_) {
      variables.append(variables.empty() ? "" : ",").append(name);
    }
    return {plan_.where,
            "no model of the tier " + plan_.tier + " has a key: set one of " + variables,
            "TierNotConfiguredError",
            {{"tier", plan_.tier},
             {"configured_models", models},
             {"missing_providers", providers},
             {"consulted_env_vars", variables}}};
  }

  void warn_of_unknown_window(const model_entry& entry) {
    if (entry.context_window && *entry.context_window > entry.reply_tokens_max)
      return;
    const auto name = plan_.prefix + "CONTEXT_WINDOW";
    const auto label = (plan_.tier.empty() ? "" : "tier " + plan_.tier + ": ") + entry.label();
    out_.setup.notices.push_back(
      {true,
       entry.context_window
         ? label + ": the context window (" + std::to_string(*entry.context_window)
             + ") leaves no room beside the reply cap (" + std::to_string(entry.reply_tokens_max)
             + "); raise " + name + " or lower " + plan_.prefix + "MAX_TOKENS"
         : label + ": the context window is unknown, so the prompt gets 4096 tokens; set " + name});
  }

  const model_input& input_;
  const tier_plan& plan_;
  built_models& out_;
  std::size_t position_ = 0;
  std::vector<std::string> missing_keys_;
};

/// Adds a tier under `name`; tables are immutable once shared, so the caller holds it until then.
void add_tier(model_setup& setup, tier_table& table, const std::string& name,
              const std::vector<member>& members, std::optional<tier_metadata> metadata,
              std::string source) {
  tier_entry tier;
  tier.name = name;
  tier.metadata = std::move(metadata);
  std::vector<endpoint> endpoints;
  for (const auto& each : members) {
    tier.members.push_back(each.entry);
    endpoints.push_back(each.at);
  }
  table.tiers.push_back(std::move(tier));
  setup.endpoints.push_back(std::move(endpoints));
  setup.sources.push_back(std::move(source));
}

/// Takes the problems from number `first` on as those of `tier`.
std::vector<config_problem> take_problems(built_models& out, std::size_t first,
                                          const std::string& tier) {
  const auto begin = out.problems.begin() + static_cast<std::ptrdiff_t>(first);
  auto taken = std::vector<config_problem>{begin, out.problems.end()};
  out.problems.erase(begin, out.problems.end());
  for (auto& problem : taken)
    problem.tier = tier;
  return taken;
}

/// Builds one tier. True: it is configured, whether it can be used or not.
bool build_tier(const model_input& input, const std::string& name, tier_table& table,
                built_models& out) {
  const auto problems_before = out.problems.size();
  const auto notices_before = out.setup.notices.size();
  const auto plan = plan_tier(input, name, out);
  const auto is_planned = plan || out.problems.size() > problems_before;
  check_tier_knobs(input.env, name, out);
  if (plan) {
    const auto members = tier_builder{input, *plan, out}.build();
    auto metadata = metadata_of(input, *plan, out);
    if (out.problems.size() == problems_before && !members.empty())
      add_tier(out.setup, table, name, members, std::move(metadata), plan->where);
  }
  if (out.problems.size() == problems_before)
    return is_planned;
  auto problems = take_problems(out, problems_before, name);
  if (is_planned) {
    out.setup.notices.resize(notices_before);  // they tell of models that are not there
    out.setup.off.push_back({name, std::move(problems)});
  } else {
    out.problems.insert(out.problems.end(), problems.begin(), problems.end());
  }
  return is_planned;
}

void build_global(const model_input& input, const tier_plan& plan, tier_table& table,
                  built_models& out) {
  const auto members = tier_builder{input, plan, out}.build();
  const auto metadata = metadata_of(input, plan, out);
  for (const auto name : configurable_tiers) {
    if (!members.empty())
      add_tier(out.setup, table, std::string{name}, members, metadata, plan.where);
  }
}

/// What is off is said; when nothing is left that works, there is nothing to start for.
void settle_off(const tier_table& table, built_models& out) {
  if (table.tiers.empty()) {
    for (auto& off : std::exchange(out.setup.off, {}))
      out.problems.insert(out.problems.end(), off.problems.begin(), off.problems.end());
    return;
  }
  for (const auto& off : out.setup.off) {
    for (const auto& problem : off.problems) {
      out.setup.notices.push_back({true, "tier " + off.tier + " is off, served by "
                                           + table.resolve(off.tier)->name + ": "
                                           + describe(problem)});
    }
  }
}

}  // namespace

built_models build_models(const model_input& input) {
  built_models out;
  check_knobs(input.env, out);
  tier_table table;
  bool is_any_planned = false;
  for (const auto tier : configurable_tiers)
    is_any_planned = build_tier(input, std::string{tier}, table, out) || is_any_planned;
  if (const auto plan = is_any_planned ? std::nullopt : plan_global(input, out))
    build_global(input, *plan, table, out);
  settle_off(table, out);
  out.setup.table = std::make_shared<const tier_table>(std::move(table));
  return out;
}

void add_rehearsal(model_setup& setup, const model_catalog& catalog,
                   const timeout_settings& timeouts) {
  member stand_in{catalog.entry("rehearsal", "rehearsal"), {}};
  stand_in.at.provider = "rehearsal";
  stand_in.at.wire_model = "rehearsal";
  stand_in.at.timeouts = {timeouts.connect, timeouts.first_token, timeouts.between_tokens,
                          timeouts.call};
  tier_table table;
  model_setup filled;
  filled.notices = std::move(setup.notices);
  filled.off = std::move(setup.off);
  for (const auto name : configurable_tiers) {
    const auto& tiers = setup.table->tiers;
    const auto found = std::find_if(tiers.begin(), tiers.end(),
                                    [name](const auto& tier) { return tier.name == name; });
    if (found == tiers.end()) {
      add_tier(filled, table, std::string{name}, {stand_in}, std::nullopt, "--rehearsal");
      continue;
    }
    const auto i = static_cast<std::size_t>(found - tiers.begin());
    table.tiers.push_back(*found);
    filled.endpoints.push_back(std::move(setup.endpoints[i]));
    filled.sources.push_back(std::move(setup.sources[i]));
  }
  filled.table = std::make_shared<const tier_table>(std::move(table));
  setup = std::move(filled);
}

}  // namespace persona_runtime
