#pragma once
// What differs between the providers that speak OpenAI's protocol: one row each, one table.

#include <span>
#include <string_view>

namespace persona_runtime {

struct provider_row {
  std::string_view name;      // as configured: lower case
  std::string_view base_url;  // default; ends in '/'
  bool needs_key = true;
  bool reasoning_models = false;  // has models that want max_completion_tokens, no temperature
};

/// Null for a provider that is not in the table.
[[nodiscard]] const provider_row* find_provider_row(std::string_view provider);
[[nodiscard]] std::span<const provider_row> provider_rows();

/// The model takes tools by itself; for others the prompted form is needed. Exact match on what
/// was configured (spec routing §6.1); false for an unknown provider.
[[nodiscard]] bool has_native_tools(std::string_view provider, std::string_view model);

/// The model refuses `temperature` and wants its limit as max_completion_tokens.
[[nodiscard]] bool is_reasoning_model(const provider_row& row, std::string_view model);

}  // namespace persona_runtime
