#include "bootstrap/settings/load_settings.hpp"

#include "bootstrap/settings/check_settings.hpp"
#include "bootstrap/settings/setting_value.hpp"
#include "bootstrap/settings/settings_table.hpp"
#include "domain/text/ascii_case.hpp"
#include "domain/yaml/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace persona_runtime {
namespace {

constexpr std::size_t problems_max = 100;
constexpr std::size_t elements_max = 1000;

/// Reads one file into a draft. `scope` is the place in the table ("tools[]"), `path` the place in
/// the file ("tools[2]").
class file_reader {
public:
  file_reader(const settings_input& input, loaded_settings& out) : input_{input}, out_{out} {}

  void read() {
    yaml_limits bounds;
    bounds.bytes_max = 1u << 20;
    const auto document = parse_yaml(input_.file_text, bounds);
    if (!document) {
      complain(document.error().line, "", document.error().text);
      return;
    }
    for (const auto& notice : document->notices)
      complain(notice.line, notice.path, notice.text);
    read_mapping(*document->root, "", "");
    draft_.all.sandbox_root = out_.values.sandbox_root;
    out_.values = std::move(draft_.all);
  }

private:
  void complain(std::uint32_t line, const std::string& path, std::string_view text) {
    if (out_.problems.size() >= problems_max)
      return;
    auto where = input_.file_name;
    if (line > 0)
      where += ':' + std::to_string(line);
    out_.problems.push_back(
      {std::move(where), (path.empty() ? "" : path + ": ") + std::string{text}});
  }

  void read_mapping(const yaml_node& node, const std::string& scope, const std::string& path) {
    if (node.kind == yaml_kind::null)
      return;
    if (node.kind != yaml_kind::mapping) {
      complain(node.line, path, "a mapping of keys is wanted here");
      return;
    }
    for (const auto& entry : node.entries) {
      const auto dot = scope.empty() ? "" : ".";
      read_entry(entry, scope, scope + dot + entry.key, path + dot + entry.key);
    }
  }

  void read_entry(const yaml_entry& entry, const std::string& parent, const std::string& scope,
                  const std::string& path) {
    const bool is_name = entry.key.find_first_of(".[]*") == std::string::npos;
    const auto* key = find_setting(scope);
    if (!is_name) {
      complain(entry.line, path, "unknown key" + suggestion_for_key(entry.key, parent));
    } else if (key != nullptr && is_file_key(*key)) {
      read_value(*key, entry, path);
    } else if (is_scope(scope + "[].")) {
      read_list(entry, scope + "[]", path);
    } else if (is_scope(scope + ".*.")) {
      read_tiers(entry, scope + ".*", path);
    } else if (is_scope(scope + '.')) {
      read_mapping(*entry.value, scope, path);
    } else {
      complain(entry.line, path, "unknown key" + suggestion_for_key(entry.key, parent));
    }
  }

  void read_value(const setting_key& key, const yaml_entry& entry, const std::string& path) {
    const auto field = key.field(draft_);
    if (const auto wrong = assign(key, field, *entry.value)) {
      complain(entry.line, path, *wrong);
      return;
    }
    out_.set[path] = {value_text(field), input_.file_name + ':' + std::to_string(entry.line)};
  }

  void read_list(const yaml_entry& entry, const std::string& scope, const std::string& path) {
    if (entry.value->kind == yaml_kind::null)
      return;
    if (entry.value->kind != yaml_kind::sequence) {
      complain(entry.line, path, "a list is wanted here");
      return;
    }
    const auto& items = entry.value->items;
    if (items.size() > elements_max)
      complain(entry.line, path, "more than 1000 items");
    for (std::size_t i = 0; i < std::min(items.size(), elements_max); ++i) {
      read_element(*items[i], scope, path + '[' + std::to_string(i) + ']');
    }
  }

  void read_element(const yaml_node& node, const std::string& scope, const std::string& path) {
    draft_.auth = {};
    draft_.skill = {};
    draft_.tool = {};
    read_mapping(node, scope, path);
    check_required(node, scope, path);
    if (scope == "auth.keys[]") {
      draft_.auth.sha256 = secret{ascii_lower(draft_.auth.sha256.reveal())};
      draft_.all.auth.keys.push_back(draft_.auth);
    }
    if (scope == "skills.dirs[]")
      draft_.all.skills.dirs.push_back(draft_.skill);
    if (scope == "tools[]")
      draft_.all.tools.push_back(draft_.tool);
  }

  void read_tiers(const yaml_entry& entry, const std::string& scope, const std::string& path) {
    if (entry.value->kind != yaml_kind::mapping && entry.value->kind != yaml_kind::null) {
      complain(entry.line, path, "a mapping of tiers is wanted here");
      return;
    }
    for (const auto& tier : entry.value->entries) {
      if (std::ranges::find(configurable_tiers, tier.key) == configurable_tiers.end()) {
        complain(tier.line, path + '.' + tier.key,
                 "unknown tier"
                   + suggestion(tier.key, {configurable_tiers.begin(), configurable_tiers.end()}));
        continue;
      }
      draft_.tier = {};
      read_mapping(*tier.value, scope, path + '.' + tier.key);
      draft_.all.tiers[tier.key] = draft_.tier;
    }
  }

  void check_required(const yaml_node& node, const std::string& scope, const std::string& path) {
    for (const auto& key : settings_table()) {
      if (!key.is_required || !key.key.starts_with(scope + '.'))
        continue;
      const auto name = key.key.substr(scope.size() + 1);
      if (node.find(name) != nullptr)
        continue;
      complain(node.line, path, "`" + std::string{name} + "` is missing");
    }
  }

  static bool is_scope(std::string_view prefix) {
    return std::any_of(settings_table().begin(), settings_table().end(), [prefix](const auto& key) {
      return is_file_key(key) && key.key.starts_with(prefix);
    });
  }

  /// The keys that a mapping may hold.
  static std::vector<std::string_view> names_in(const std::string& scope) {
    const auto prefix = scope.empty() ? "" : scope + '.';
    std::set<std::string_view> names;
    for (const auto& key : settings_table()) {
      if (!is_file_key(key) || !key.key.starts_with(prefix))
        continue;
      const auto rest = key.key.substr(prefix.size());
      names.insert(rest.substr(0, rest.find_first_of(".[")));
    }
    return {names.begin(), names.end()};
  }

  /// A key that stands in the wrong place is named with the right one.
  static std::string suggestion_for_key(std::string_view wrong, const std::string& parent) {
    const auto ending = '.' + std::string{wrong};
    for (const auto& key : settings_table()) {
      if (is_file_key(key) && key.key.ends_with(ending)) {
        return "; did you mean `" + std::string{key.key} + "`?";
      }
    }
    return suggestion(wrong, names_in(parent));
  }

  static std::string suggestion(std::string_view wrong,
                                const std::vector<std::string_view>& known) {
    if (const auto near = nearest_name(wrong, known)) {
      return "; did you mean `" + std::string{*near} + "`?";
    }
    std::string all;
    for (const auto name : known)
      all.append(all.empty() ? "; known are " : ", ").append(name);
    return all;
  }

  const settings_input& input_;
  loaded_settings& out_;
  settings_draft draft_;
};

void apply_environment(const environment& env, loaded_settings& out) {
  settings_draft draft;
  draft.all = std::move(out.values);
  for (const auto& key : settings_table()) {
    const auto value = key.variable.empty() ? std::nullopt : env.get(key.variable);
    if (!value)
      continue;
    const auto field = key.field(draft);
    if (const auto wrong = assign(key, field, plain_scalar(*value))) {
      out.problems.push_back({std::string{key.variable}, *wrong});
    } else {
      out.set[std::string{key.key}] = {value_text(field), std::string{key.variable}};
    }
  }
  out.values = std::move(draft.all);
}

}  // namespace

std::string describe(const config_problem& problem) {
  const auto is_named =
    problem.tier.empty() || problem.text.find("tier " + problem.tier) != std::string::npos;
  const auto text = is_named ? problem.text : "tier " + problem.tier + ": " + problem.text;
  return problem.where.empty() ? text : problem.where + ": " + text;
}

std::optional<std::string> loaded_settings::source_of(std::string_view path) const {
  const auto found = set.find(path);
  return found == set.end() ? std::nullopt : std::optional{found->second.source};
}

loaded_settings load_settings(const settings_input& input) {
  loaded_settings out;
  file_reader{input, out}.read();
  apply_environment(input.env, out);
  auto& limits = out.values.limits;
  if (!out.source_of("limits.steps_default")) {
    limits.steps_default = std::min(limits.steps_default, limits.steps_max);
  }
  for (auto& problem : check_settings(out)) {
    if (out.problems.size() < problems_max)
      out.problems.push_back(std::move(problem));
  }
  return out;
}

}  // namespace persona_runtime
