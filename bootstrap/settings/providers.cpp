#include "bootstrap/settings/providers.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using enum provider_wire;

constexpr provider_descriptor known_providers[] = {
  {"anthropic", "https://api.anthropic.com", anthropic, true, true, true, "claude-sonnet-4-6"},
  {"openai", "https://api.openai.com/v1/", openai, true, true, true},
  {"deepseek", "https://api.deepseek.com/v1/", openai, true, true, true},
  {"groq", "https://api.groq.com/openai/v1/", openai, true, true, true},
  {"together", "https://api.together.xyz/v1/", openai, true, true, true},
  {"nvidia", "https://integrate.api.nvidia.com/v1/", openai, true, true, true},
  {"openrouter", "https://openrouter.ai/api/v1/", openai, true, true, true},
  {"cloudflare", "https://api.cloudflare.com/client/v4/accounts/", openai, true, true, false},
  {"ollama", "http://localhost:11434", ollama, false, false, true},
  {"local", "", none, false, false, false},
  {"scripted", "", scripted, false, true, true},
  {"rehearsal", "", rehearsal, false, true, true, "rehearsal"},
};

}  // namespace

std::span<const provider_descriptor> providers() {
  return known_providers;
}

const provider_descriptor* find_provider(std::string_view name) {
  const auto* found = std::find_if(std::begin(known_providers), std::end(known_providers),
                                   [name](const auto& row) { return row.name == name; });
  return found == std::end(known_providers) ? nullptr : found;
}

std::string built_provider_names() {
  std::string names;
  for (const auto& row : known_providers) {
    if (row.is_built)
      names.append(names.empty() ? "" : ", ").append(row.name);
  }
  return names;
}

}  // namespace persona_runtime
