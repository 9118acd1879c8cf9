#pragma once
// The one table of everything that can be set: parsing, `config explain`, `config check` and the
// test of docs/configuration.md are made from it.

#include "bootstrap/settings/settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace persona_runtime {

/// Where values go while a file is read: the settings, and the element of a list being read.
struct settings_draft {
  settings all;
  auth_key auth;
  skill_dir skill;
  tier_settings tier;
  tool_setting tool;
};

/// Where the value of a key lives. Its type is the type of the key.
using setting_field =
  std::variant<bool*, std::uint32_t*, std::optional<std::uint32_t>*, std::optional<std::uint64_t>*,
               std::optional<double>*, std::chrono::milliseconds*,
               std::optional<std::chrono::milliseconds>*, byte_size*, std::string*,
               std::optional<std::string>*, secret*, std::vector<std::string>*, json_object*,
               listen_address*>;

struct setting_key {
  std::string_view key;  // "limits.steps_max", "tools[].name", "tiers.*.model"; a variable's name
                         // when there is no key for it in the file
  setting_field (*field)(settings_draft&);
  std::string_view meaning;  // one sentence or two
  double min = 0;            // numbers, durations (ms), sizes (bytes), both ends included
  double max = 0;
  std::string_view choices{};   // "a|b|c"; any case is taken
  std::string_view variable{};  // an environment variable that wins over the file
  bool is_required = false;     // in its element
};

[[nodiscard]] std::span<const setting_key> settings_table();

/// The row of a key; null: there is none.
[[nodiscard]] const setting_key* find_setting(std::string_view key);

/// True when the key can stand in the file.
[[nodiscard]] bool is_file_key(const setting_key& key);

/// True for keys of elements ("tools[].name", "tiers.*.model").
[[nodiscard]] bool is_element_key(const setting_key& key);

}  // namespace persona_runtime
