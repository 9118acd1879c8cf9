// The simulated model answers or refuses whatever it is asked: in JSON, in UTF-8, the same twice,
// and bounded.

#include "domain/text/utf8.hpp"
#include "load/simulated_answer.hpp"
#include "tests/fuzz/cuts.hpp"

#include <simdjson.h>

#include <array>

using namespace persona_runtime;

namespace {

constexpr auto paths = std::array<std::string_view, 4>{"/v1/chat/completions", "/v1/messages",
                                                       "/api/chat", "/v1/models"};
constexpr std::size_t answer_bytes_max = 16u << 20;

bool is_json(std::string_view text) {
  auto parser = simdjson::dom::parser{};
  return !parser.parse(text.data(), text.size()).error();
}

void check_stream(const simulated_answer& answer) {
  const auto& reply = *answer.streamed;
  auto said = answer.shape->opening(reply);
  auto content = std::string{};
  for (auto i = std::size_t{0}; i < reply.ends.size(); ++i) {
    fuzz::require(is_valid_utf8(reply.token(i)), "a token cuts a character\n");
    content += reply.token(i);
    said += answer.shape->token(reply, i);
    fuzz::require(said.size() < answer_bytes_max, "a stream passed its bound\n");
  }
  said += answer.shape->closing(reply, answer.with_usage);
  fuzz::require(content == reply.content, "the tokens are not the answer\n");
  fuzz::require(is_valid_utf8(said), "a stream that is no UTF-8\n");
  fuzz::require(reply.tool.empty() || reply.is_cut || is_json(reply.content),
                "arguments that are no JSON\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto path = paths.at(data[0] % paths.size());
  const auto body = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto answer = answer_to("POST", path, body, {});
  const auto again = answer_to("POST", path, body, {});
  fuzz::require(answer.body == again.body, "the same request gets another answer\n");
  fuzz::require(answer.status == 200 || (answer.status >= 400 && answer.status <= 599),
                "a status that nobody expects\n");
  fuzz::require(answer.retry_after.find_first_of("\r\n") == std::string::npos,
                "a header that ends the head\n");
  if (answer.streamed)
    check_stream(answer);
  else
    fuzz::require(is_json(answer.body), "an answer that is no JSON\n");
  return 0;
}
