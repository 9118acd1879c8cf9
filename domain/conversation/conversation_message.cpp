#include "domain/conversation/conversation_message.hpp"

namespace persona_runtime {
namespace {

bool is_flagged(const conversation_message& m, std::string_view key) {
  const auto found = m.metadata.find(std::string{key});
  return m.from == role::assistant && found != m.metadata.end() && found->second == "true";
}

}  // namespace

std::string problem_of(const message_content& content) {
  const auto* blocks = std::get_if<std::vector<content_block>>(&content);
  if (blocks == nullptr)
    return {};
  if (blocks->empty())
    return "content is a list without blocks; write text, or at least one image";
  if (blocks->size() == 1 && std::holds_alternative<text_block>(blocks->front()))
    return "content is a list of a single text block; write a single text as plain text";
  return {};
}

std::string text_of(const conversation_message& m) {
  if (const auto* text = std::get_if<std::string>(&m.content))
    return *text;
  auto out = std::string{};
  auto first = true;
  for (const auto& block : std::get<std::vector<content_block>>(m.content)) {
    const auto* text = std::get_if<text_block>(&block);
    if (text == nullptr)
      continue;
    out.append(first ? "" : "\n").append(text->text);
    first = false;
  }
  return out;
}

bool is_proactive_question(const conversation_message& m) {
  return is_flagged(m, metadata_key::proactive_question);
}

bool is_originated(const conversation_message& m) {
  return is_flagged(m, metadata_key::originated);
}

}  // namespace persona_runtime
