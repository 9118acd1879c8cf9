#include "providers/chat/provider_row.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {

namespace {

constexpr auto rows = std::array<provider_row, 6>{{
  {"openai", "https://api.openai.com/v1/", true, true},
  {"deepseek", "https://api.deepseek.com/v1/"},
  {"groq", "https://api.groq.com/openai/v1/"},
  {"together", "https://api.together.xyz/v1/"},
  {"nvidia", "https://integrate.api.nvidia.com/v1/"},
  {"openrouter", "https://openrouter.ai/api/v1/"},
}};

struct tool_row {
  std::string_view provider;
  std::string_view model;  // "*": all of them
};

constexpr auto tool_rows = std::to_array<tool_row>({
  {"anthropic", "*"},
  {"openai", "*"},
  {"deepseek", "deepseek-chat"},
  {"deepseek", "deepseek-v3"},
  {"deepseek", "deepseek-v3.2"},
  {"deepseek", "deepseek-v4"},
  {"deepseek", "deepseek-r1-0528"},
  {"groq", "llama-3.3-70b-versatile"},
  {"groq", "llama-3.1-8b-instant"},
  {"groq", "meta-llama/llama-4-scout-17b-16e-instruct"},
  {"groq", "qwen/qwen3-32b"},
  {"nvidia", "nvidia/llama-3.3-nemotron-super-49b-v1.5"},
  {"nvidia", "nvidia/nemotron-3-super-120b-a12b"},
  {"nvidia", "nvidia/nemotron-3-nano-omni-30b-a3b-reasoning"},
});

/// "o1", "o3-mini", "gpt-5.1", …: a family's name, alone or with something behind it.
bool belongs_to(std::string_view model, std::string_view family) {
  return model.starts_with(family)
         && (model.size() == family.size() || model[family.size()] == '-'
             || model[family.size()] == '.');
}

}  // namespace

const provider_row* find_provider_row(std::string_view provider) {
  auto at =
    std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == provider; });
  return at == rows.end() ? nullptr : &*at;
}

std::span<const provider_row> provider_rows() {
  return rows;
}

bool has_native_tools(std::string_view provider, std::string_view model) {
  return std::any_of(tool_rows.begin(), tool_rows.end(), [&](const auto& r) {
    return r.provider == provider && (r.model == "*" || r.model == model);
  });
}

bool is_reasoning_model(const provider_row& row, std::string_view model) {
  static constexpr auto families = std::array<std::string_view, 4>{"o1", "o3", "o4-mini", "gpt-5"};
  return row.reasoning_models && std::any_of(families.begin(), families.end(), [&](auto family) {
           return belongs_to(model, family);
         });
}

}  // namespace persona_runtime
