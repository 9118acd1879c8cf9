// A script is read or refused with the name of its file.

#include "providers/chat/script_file.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = std::string_view{reinterpret_cast<const char*>(data), size};
  const auto script = parse_chat_script(text, "f.json");
  if (!script) {
    fuzz::require(script.error().detail.starts_with("f.json"), "a refusal names no file\n");
    return 0;
  }
  auto bytes = std::size_t{0};
  for (const auto* replies : {&script->steps, &script->summaries}) {
    for (const auto& reply : *replies) {
      for (const auto& delta : reply.deltas)
        bytes += delta.size();
    }
  }
  fuzz::require(bytes <= script_bytes_max, "a script's texts passed their bound\n");
  return 0;
}
