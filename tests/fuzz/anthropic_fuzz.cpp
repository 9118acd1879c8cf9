// Answers of Anthropic's protocol.

#include "providers/chat/anthropic_answer.hpp"
#include "tests/fuzz/answer_fuzz.hpp"

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::try_answer<anthropic_answer>(data, size);
}
