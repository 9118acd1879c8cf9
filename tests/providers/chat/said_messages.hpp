#pragma once
// Messages and tools for requests.

#include "providers/chat/chat_provider.hpp"

#include <string>
#include <utility>
#include <vector>

namespace persona_runtime::test {

inline message_ptr said(role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  return std::make_shared<message>(std::move(m));
}

inline message_ptr called(std::string text, std::vector<tool_call> calls) {
  auto m = *said(role::assistant, std::move(text));
  m.calls = std::move(calls);
  return std::make_shared<message>(std::move(m));
}

inline message_ptr returned(std::string text, std::string call_id, bool is_error = false) {
  auto m = *said(role::tool, std::move(text));
  m.call_id = std::move(call_id);
  m.tool_name = "find";
  m.is_error = is_error;
  return std::make_shared<message>(std::move(m));
}

inline message_ptr pictured(std::string text, std::vector<image_block> images) {
  auto m = *said(role::user, std::move(text));
  m.images = std::move(images);
  return std::make_shared<message>(std::move(m));
}

inline chat_request asking(message_list context) {
  auto request = chat_request{};
  request.context = std::move(context);
  return request;
}

inline tool_list one_tool() {
  auto tool = tool_definition{};
  tool.name = "find";
  tool.description = "Looks for it.";
  tool.parameters = R"({"type":"object"})";
  return std::make_shared<std::vector<tool_definition>>(1, tool);
}

}  // namespace persona_runtime::test
