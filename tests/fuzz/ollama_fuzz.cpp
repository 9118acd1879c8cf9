// Answers of Ollama's protocol.

#include "providers/chat/ollama_answer.hpp"
#include "tests/fuzz/answer_fuzz.hpp"

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::try_answer<ollama_answer>(data, size, answer_form::lines);
}
