#include "bootstrap/assembly/models.hpp"

#include "bootstrap/data_files.hpp"
#include "bootstrap/settings/providers.hpp"
#include "domain/text/sha256.hpp"
#include "providers/chat/anthropic.hpp"
#include "providers/chat/ollama.hpp"
#include "providers/chat/openai.hpp"
#include "providers/chat/rehearsal.hpp"
#include "providers/chat/scripted.hpp"

#include <map>
#include <utility>

namespace persona_runtime {
namespace {

using provider_result = result<std::shared_ptr<chat_provider>>;
/// By file: a script is one sequence of replies, whichever tier plays the next one.
using script_players = std::map<std::string, std::shared_ptr<chat_provider>>;

provider_result make_scripted(const std::string& file, const model_surroundings& around,
                              script_players& players) {
  auto& player = players[file];
  if (player)
    return player;
  auto text = read_file(file, script_bytes_max);
  if (!text)
    return text.error();
  auto script = parse_chat_script(*text, file);
  if (!script)
    return script.error();
  player = make_scripted_provider(std::move(*script), around.counter, *around.thread);
  return player;
}

chat_surroundings surroundings_of(const model_surroundings& around) {
  auto s = chat_surroundings{};
  // The client is the assembly's and outlives every provider.
  s.client = std::shared_ptr<http_client>{std::shared_ptr<void>{}, around.client};
  s.count = [counter = around.counter](role from, std::string_view text) {
    return size_of(*counter, from, text);
  };
  return s;
}

provider_result checked(model_result<std::unique_ptr<chat_provider>> made) {
  if (!made)
    return failure{errc::validation_error, made.error().detail};
  return std::shared_ptr<chat_provider>{std::move(*made)};
}

provider_result make_openai(const endpoint& at, const model_entry& model,
                            const model_surroundings& around) {
  auto options = openai_options{};
  options.provider = at.provider;
  options.model = at.wire_model;
  options.api_key = at.api_key.reveal();
  options.base_url = at.base_url;
  options.extra_body = at.extra_body;
  options.native_tools = model.native_tools;
  options.temperature = at.temperature;
  return checked(make_openai_provider(options, surroundings_of(around)));
}

/// Anthropic's and Ollama's are made of the same.
template <class Options>
Options options_of(const endpoint& at, const model_entry& model) {
  return {at.wire_model, at.api_key.reveal(), at.base_url, model.native_tools, at.temperature};
}

provider_result make_provider(const endpoint& at, const model_entry& model,
                              const model_surroundings& around, script_players& players) {
  switch (find_provider(at.provider)->wire) {
  case provider_wire::rehearsal:
    return make_rehearsal_provider(around.counter, *around.thread);
  case provider_wire::scripted:
    return make_scripted(at.wire_model, around, players);
  case provider_wire::anthropic:
    return checked(
      make_anthropic_provider(options_of<anthropic_options>(at, model), surroundings_of(around)));
  case provider_wire::ollama:
    return checked(
      make_ollama_provider(options_of<ollama_options>(at, model), surroundings_of(around)));
  case provider_wire::openai:
    return make_openai(at, model, around);
  case provider_wire::none:
    break;
  }
  return failure{errc::validation_error, "the provider " + at.provider + " is not built"};
}

}  // namespace

namespace {

/// One key at one endpoint. The key itself stays where it is.
std::string account_of(const endpoint& at) {
  return at.provider + ' ' + at.base_url + ' ' + sha256_text(at.api_key.reveal());
}

result<engine_tier> make_tier(const tier_entry& entry, const std::vector<endpoint>& endpoints,
                              const model_surroundings& around, script_players& players) {
  auto tier = engine_tier{entry.name, {}, entry.metadata};
  for (auto m = std::size_t{0}; m < entry.members.size(); ++m) {
    const auto& at = endpoints[m];
    auto provider = make_provider(at, entry.members[m], around, players);
    if (!provider)
      return failure{errc::validation_error,
                     "model " + entry.members[m].label() + ": " + provider.error().detail};
    tier.members.push_back({entry.members[m], std::move(*provider), at.timeouts, account_of(at)});
  }
  return tier;
}

}  // namespace

std::vector<engine_tier> make_tiers(model_setup& setup, const model_surroundings& around) {
  auto tiers = std::vector<engine_tier>{};
  auto players = script_players{};
  auto kept = model_setup{};
  auto table = tier_table{};
  for (auto t = std::size_t{0}; t < setup.table->tiers.size(); ++t) {
    const auto& entry = setup.table->tiers[t];
    auto tier = make_tier(entry, setup.endpoints[t], around, players);
    if (!tier) {
      auto problem = config_problem{setup.sources[t], tier.error().detail};
      problem.tier = entry.name;
      setup.notices.push_back({true, "tier " + entry.name + " is off: " + describe(problem)});
      setup.off.push_back({entry.name, {std::move(problem)}});
      continue;
    }
    tiers.push_back(std::move(*tier));
    table.tiers.push_back(entry);
    kept.endpoints.push_back(std::move(setup.endpoints[t]));
    kept.sources.push_back(std::move(setup.sources[t]));
  }
  kept.notices = std::move(setup.notices);
  kept.off = std::move(setup.off);
  kept.table = std::make_shared<const tier_table>(std::move(table));
  setup = std::move(kept);
  return tiers;
}

}  // namespace persona_runtime
