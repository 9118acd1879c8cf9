// Answers and errors of OpenAI's protocol.

#include "providers/chat/error_body.hpp"
#include "providers/chat/openai_answer.hpp"
#include "tests/fuzz/answer_fuzz.hpp"

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data), size};
  fuzz::require(error_words_of(bytes).message.size() <= 2048, "a message is too long\n");
  return fuzz::try_answer<openai_answer>(data, size);
}
