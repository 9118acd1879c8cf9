#include "bootstrap/settings/reload_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace persona_runtime {
namespace {

/// Of model calls: each member of a tier carries its own copy.
constexpr auto reloaded_timeouts = std::to_array<std::string_view>(
  {"timeouts.connect", "timeouts.first_token", "timeouts.between_tokens", "timeouts.call"});

bool is_reloaded(std::string_view path) {
  return path.starts_with("tiers.") || path == "model_table" || path == "routing.hedging"
         || std::ranges::find(reloaded_timeouts, path) != reloaded_timeouts.end();
}

/// "tools[2].name" -> "tools": elements have no names of their own.
std::string key_of_path(const std::string& path) {
  return path.substr(0, path.find('['));
}

bool are_same(const auth_key& a, const auth_key& b) {
  return a.name == b.name && a.sha256 == b.sha256 && a.owner == b.owner && a.role == b.role;
}

/// Secrets are all alike in `set`.
void compare_secrets(const settings& a, const settings& b, std::set<std::string>& out) {
  if (!std::ranges::equal(a.auth.keys, b.auth.keys, are_same))
    out.insert("auth.keys");
  if (a.web_search.api_key != b.web_search.api_key)
    out.insert("PERSONA_WEB_SEARCH_API_KEY");
  if (a.embedder.api_key != b.embedder.api_key)
    out.insert("memory.embedder.api_key");
}

}  // namespace

std::vector<std::string> needing_restart(const loaded_settings& started,
                                         const loaded_settings& fresh) {
  auto out = std::set<std::string>{};
  const auto note = [&out](const loaded_settings& from, const loaded_settings& other) {
    for (const auto& [path, value] : from.set) {
      const auto i = other.set.find(path);
      if (!is_reloaded(path) && (i == other.set.end() || i->second.value != value.value))
        out.insert(key_of_path(path));
    }
  };
  note(started, fresh);
  note(fresh, started);
  compare_secrets(started.values, fresh.values, out);
  return {out.begin(), out.end()};
}

std::vector<config_problem> against_reload(const model_setup& running, const configuration& fresh) {
  auto problems = fresh.problems();
  const auto works = [&running](const std::string& name) {
    return std::ranges::find(running.table->tiers, name, &tier_entry::name)
           != running.table->tiers.end();
  };
  for (const auto& off : fresh.models.setup.off) {
    if (works(off.tier))
      problems.insert(problems.end(), off.problems.begin(), off.problems.end());
  }
  if (problems.empty() && fresh.models.setup.table->tiers.empty()
      && std::ranges::any_of(running.sources, [](const auto& s) { return s != "--rehearsal"; })) {
    problems.push_back({fresh.file, "no tier would be left; is the file whole? To serve without "
                                    "models, restart"});
  }
  return problems;
}

}  // namespace persona_runtime
