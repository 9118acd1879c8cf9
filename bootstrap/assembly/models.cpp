#include "bootstrap/assembly/models.hpp"

#include "bootstrap/data_files.hpp"
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
  auto surroundings = chat_surroundings{};
  // The client is the assembly's and outlives every provider.
  surroundings.client = std::shared_ptr<http_client>{std::shared_ptr<void>{}, around.client};
  surroundings.count = [counter = around.counter](role from, std::string_view text) {
    return size_of(*counter, from, text);
  };
  auto made = make_openai_provider(options, std::move(surroundings));
  if (!made)
    return failure{errc::validation_error, made.error().detail};
  return std::shared_ptr<chat_provider>{std::move(*made)};
}

provider_result make_provider(const endpoint& at, const model_entry& model,
                              const model_surroundings& around, script_players& players) {
  if (at.provider == "rehearsal")
    return make_rehearsal_provider(around.counter, *around.thread);
  if (at.provider == "scripted")
    return make_scripted(at.wire_model, around, players);
  return make_openai(at, model, around);
}

}  // namespace

result<std::vector<engine_tier>> make_tiers(const model_setup& setup,
                                            const model_surroundings& around) {
  auto tiers = std::vector<engine_tier>{};
  auto players = script_players{};
  for (auto t = std::size_t{0}; t < setup.table->tiers.size(); ++t) {
    const auto& entry = setup.table->tiers[t];
    auto tier = engine_tier{entry.name, {}, entry.metadata};
    for (auto m = std::size_t{0}; m < entry.members.size(); ++m) {
      const auto& at = setup.endpoints[t][m];
      auto provider = make_provider(at, entry.members[m], around, players);
      if (!provider)
        return failure{errc::validation_error, "tier " + entry.name + ", model "
                                                 + entry.members[m].label() + ": "
                                                 + provider.error().detail};
      tier.members.push_back({entry.members[m], std::move(*provider), at.timeouts});
    }
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

}  // namespace persona_runtime
