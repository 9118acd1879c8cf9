#include "domain/tool/schema_tokens.hpp"

#include "domain/text/json_text.hpp"

namespace persona_runtime {

std::uint64_t schema_tokens(const tokenizer& counter, const std::vector<tool_definition>& tools) {
  auto total = std::uint64_t{0};
  for (const auto& tool : tools) {
    auto text = std::string{};
    auto o = json_writer{text};
    o.text("name", tool.name).text("description", tool.description);
    o.json("parameters", tool.parameters).close();
    total += counter.count(text);
  }
  return total;
}

}  // namespace persona_runtime
