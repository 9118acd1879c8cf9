#include "providers/chat/request_size.hpp"

namespace persona_runtime {

std::size_t expected_bytes(const chat_request& request) {
  auto bytes = std::size_t{512};
  const auto add = [&](std::size_t text) { bytes += text + text / 16 + 64; };
  for (const auto& m : request.context) {
    add(m->content.size());
    for (const auto& image : m->images)
      add(image.bytes.size() / 3 * 4);
    for (const auto& call : m->calls)
      add(call.arguments.size() + call.arguments.size() / 8);  // a text in a text: quotes twice
    if (!m->thinking.blocks.empty())
      add(m->thinking.blocks.size());
  }
  if (request.tools) {
    for (const auto& tool : *request.tools)
      add(tool.description.size() + tool.parameters.size());
  }
  return bytes;
}

}  // namespace persona_runtime
