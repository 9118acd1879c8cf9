#pragma once
// The one table of model providers. A new provider is one row here and one adapter.

#include <span>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class provider_wire : std::uint8_t { openai, anthropic, ollama, scripted, rehearsal, none };

struct provider_descriptor {
  std::string_view name;
  std::string_view base_url;  // default; empty: none
  provider_wire wire;
  bool needs_key;
  bool may_stand_in_lists;           // of several models
  bool is_built;                     // has an adapter in this version
  std::string_view default_model{};  // when none is named; empty: one must be
};

[[nodiscard]] std::span<const provider_descriptor> providers();

/// Null: nobody knows it. Names are compared in their case.
[[nodiscard]] const provider_descriptor* find_provider(std::string_view name);

/// "openai, deepseek, …" of those that can be used.
[[nodiscard]] std::string built_provider_names();

}  // namespace persona_runtime
