#pragma once
// What a model behind OpenAI's protocol says, and who listens.

#include "providers/chat/chat_provider.hpp"

#include <string>
#include <string_view>

namespace persona_runtime::test {

/// Keeps what it is told.
struct heard final : text_sink {
  void on_text(std::string_view delta) override { text.append(delta); }
  void on_reasoning(std::string_view delta) override { reasoning.append(delta); }
  void on_unshown(std::size_t bytes) override { unshown += bytes; }
  std::string text;
  std::string reasoning;
  std::size_t unshown = 0;  // bytes
};

/// One event of a stream.
inline std::string event(std::string_view json) {
  return "data: " + std::string{json} + "\n\n";
}

}  // namespace persona_runtime::test
