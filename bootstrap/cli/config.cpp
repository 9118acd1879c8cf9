#include "bootstrap/cli/config.hpp"

#include "bootstrap/settings/setting_value.hpp"
#include "bootstrap/settings/settings_table.hpp"
#include "bootstrap/settings/units.hpp"

#include <algorithm>
#include <ostream>

namespace persona_runtime::cli {
namespace {

/// "tools[2].name" -> "tools[].name", "tiers.mid.model" -> "tiers.*.model".
std::string table_key_of(std::string_view path) {
  std::string key;
  for (std::size_t i = 0; i < path.size(); ++i) {
    key += path[i];
    if (path[i] != '[')
      continue;
    while (i + 1 < path.size() && path[i + 1] != ']')
      ++i;
  }
  if (!key.starts_with("tiers."))
    return key;
  const auto dot = key.find('.', 6);
  return dot == std::string::npos ? key : "tiers.*" + key.substr(dot);
}

void print_about(const setting_key& key, std::ostream& out) {
  settings_draft defaults;
  const auto field = key.field(defaults);
  out << "    " << type_text(field);
  if (const auto range = range_text(key, field); !range.empty())
    out << ", " << range;
  const auto fallback = value_text(field);
  if (key.is_required) {
    out << "; required";
  } else {
    out << "; default " << (fallback.empty() ? "null" : fallback);
  }
  if (!key.variable.empty() && key.variable != key.key)
    out << "; variable " << key.variable;
  out << "\n    " << key.meaning << '\n';
}

void print_key(const setting_key& key, const loaded_settings& loaded, std::ostream& out) {
  if (is_element_key(key)) {
    out << key.key << '\n';
    print_about(key, out);
    for (const auto& [path, set] : loaded.set) {
      if (table_key_of(path) == key.key) {
        out << "    " << path << " = " << set.value << "  (" << set.source << ")\n";
      }
    }
    return;
  }
  settings_draft defaults;
  const auto found = loaded.set.find(key.key);
  const bool is_set = found != loaded.set.end();
  out << key.key << " = " << (is_set ? found->second.value : value_text(key.field(defaults)))
      << "  (" << (is_set ? found->second.source : "default") << ")\n";
  print_about(key, out);
}

/// Where a price comes from, when it is the table's.
void print_price_source(const model_entry& entry, const model_catalog& catalog, std::ostream& out) {
  const auto* row = catalog.find(entry.provider, entry.model);
  if (row == nullptr || row->price != entry.price)
    return;
  out << " (" << row->source << ", " << row->date;
  if (!row->is_verified)
    out << "; verify it";
  out << ')';
}

void print_member(const model_entry& entry, const endpoint& at, const model_catalog& catalog,
                  std::ostream& out) {
  out << "    " << entry.label() << ": window ";
  if (entry.context_window) {
    out << *entry.context_window;
  } else {
    out << "unknown";
  }
  out << ", reply cap " << entry.reply_tokens_max << ", price ";
  if (entry.price) {
    out << number_text(entry.price->prompt) << '/' << number_text(entry.price->completion)
        << " cents per 1k";
    print_price_source(entry, catalog, out);
    if (entry.price->cache_read)
      out << ", from the cache " << number_text(*entry.price->cache_read);
    if (entry.price->cache_write)
      out << ", to the cache " << number_text(*entry.price->cache_write);
  } else {
    out << "unknown";
  }
  out << ", tools " << (entry.native_tools ? "native" : "in words");
  if (!at.base_url.empty())
    out << ", at " << at.base_url;
  if (!at.api_key.empty())
    out << ", key " << at.api_key;
  out << '\n';
}

/// Why a tier has no models of its own, and whose it uses.
void print_lent(const model_setup& setup, std::string_view name, std::ostream& out) {
  const auto off = std::find_if(setup.off.begin(), setup.off.end(),
                                [name](const auto& each) { return each.tier == name; });
  out << "tier " << name << "  (" << (off == setup.off.end() ? "not configured" : "off")
      << "): served by " << setup.table->resolve(name)->name << '\n';
  if (off == setup.off.end())
    return;
  for (const auto& problem : off->problems)
    out << "    " << describe(problem) << '\n';
}

void print_tier(const model_setup& setup, std::string_view name, const model_catalog& catalog,
                std::ostream& out) {
  const auto& tiers = setup.table->tiers;
  const auto found = std::find_if(tiers.begin(), tiers.end(),
                                  [name](const auto& tier) { return tier.name == name; });
  if (found == tiers.end())
    return print_lent(setup, name, out);
  const auto i = static_cast<std::size_t>(found - tiers.begin());
  out << "tier " << name << "  (" << setup.sources[i] << ")\n";
  for (std::size_t m = 0; m < found->members.size(); ++m)
    print_member(found->members[m], setup.endpoints[i][m], catalog, out);
}

void print_models(const model_setup& setup, const model_catalog& catalog, std::ostream& out) {
  if (setup.table->tiers.empty()) {
    out << "models: none; see docs/configuration.md, or use --rehearsal\n";
    return;
  }
  for (const auto name : configurable_tiers)
    print_tier(setup, name, catalog, out);
  for (const auto& notice : setup.notices) {
    out << (notice.is_warning ? "warning: " : "note: ") << notice.text << '\n';
  }
}

void print_search(const web_search_settings& search, std::ostream& out) {
  out << "tool web_search: "
      << (search.api_key.empty() ? "not offered, since PERSONA_WEB_SEARCH_API_KEY is not set"
                                 : "offered, over " + search.provider)
      << '\n';
}

int print_problems(const configuration& config, std::ostream& err) {
  const auto problems = config.problems();
  for (const auto& problem : problems)
    err << describe(problem) << '\n';
  return problems.empty() ? 0 : 1;
}

}  // namespace

int explain_config(const configuration& config, std::ostream& out, std::ostream& err) {
  out << "file: " << (config.file.empty() ? "none" : config.file) << '\n';
  out << "data files: " << config.data.path.string() << "  (" << config.data.source << ")\n\n";
  for (const auto& key : settings_table())
    print_key(key, config.loaded, out);
  out << '\n';
  print_models(config.models.setup, config.catalog, out);
  print_search(config.loaded.values.web_search, out);
  return print_problems(config, err);
}

int check_config(const configuration& config, std::ostream& out, std::ostream& err) {
  if (print_problems(config, err) != 0)
    return 1;
  for (const auto& off : config.models.setup.off) {
    for (const auto& problem : off.problems)
      err << describe(problem) << '\n';
  }
  if (!config.models.setup.off.empty())
    return 1;
  out << (config.file.empty() ? "no file, the defaults" : config.file) << ": all is well, "
      << config.models.setup.table->tiers.size() << " tiers have a model\n";
  for (const auto& notice : config.models.setup.notices) {
    err << (notice.is_warning ? "warning: " : "note: ") << notice.text << '\n';
  }
  return 0;
}

}  // namespace persona_runtime::cli
