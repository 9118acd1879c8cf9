// A reply does not depend on how its bytes are cut; what is delivered keeps its promises.

#include "providers/chat/json_reading.hpp"
#include "providers/chat/answer_body.hpp"
#include "providers/chat/openai_answer.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

namespace {

struct heard final : text_sink {
  void on_text(std::string_view delta) override { text.append(delta); }
  void on_reasoning(std::string_view delta) override { text.append("~").append(delta); }
  std::string text;
};

struct outcome {
  answer_parts parts;
  model_error error;
  std::string heard;
  friend bool operator==(const outcome&, const outcome&) = default;
};

template <class Cut>
outcome read(std::string_view type, Cut&& cut) {
  auto sink = heard{};
  auto body = answer_body{std::make_unique<openai_answer>("openai", "m", &sink), type};
  cut([&](std::string_view piece) { return body.feed(piece); });
  auto all = outcome{};
  if (auto parts = body.finish()) {
    all.parts = *parts;
  } else {
    all.error = parts.error();
  }
  all.heard = sink.text;
  return all;
}

void check(const outcome& o) {
  fuzz::require(o.parts.calls.size() <= reply_calls_max, "too many calls\n");
  fuzz::require(o.error.detail.size() <= 512, "a detail is too long\n");
  for (const auto& call : o.parts.calls) {
    fuzz::require(is_json_object(call.arguments), "arguments are no object\n");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::string_view types[] = {"text/event-stream", "application/json", ""};
  const auto type = types[data[0] % 3];
  auto whole = read(type, [&](auto&& feed) { feed(bytes); });
  auto cut = read(type, [&](auto&& feed) { fuzz::in_pieces(bytes, data[0], feed); });
  check(whole);
  fuzz::require(whole == cut, "the reply depends on the cuts\n");
  fuzz::require(error_words_of(bytes).message.size() <= 2048, "a message is too long\n");
  return 0;
}
