// Calls in a model's words: what is taken out does not depend on how the words are cut, and nothing
// but calls is lost.

#include "providers/chat/json_reading.hpp"
#include "providers/chat/prompted_tools.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto text = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto whole = prompted_piece{};
  auto parser = prompted_parser{};
  parser.feed(text, whole);
  parser.finish(whole);
  auto cut = prompted_piece{};
  auto careful = prompted_parser{};
  fuzz::in_pieces(text, data[0], [&](std::string_view piece) {
    careful.feed(piece, cut);
    return true;
  });
  careful.finish(cut);
  fuzz::require(whole.text == cut.text && whole.calls == cut.calls, "it depends on the cuts\n");
  fuzz::require(!whole.calls.empty() || whole.text == text, "words are lost\n");
  for (const auto& call : whole.calls) {
    fuzz::require(!call.name.empty(), "a call without a name\n");
    fuzz::require(is_json_object(call.arguments), "arguments are no object\n");
  }
  return 0;
}
