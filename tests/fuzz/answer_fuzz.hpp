#pragma once
// What holds for a model's answer, whatever protocol it comes in: it does not depend on how its
// bytes are cut, and what is delivered keeps its promises.

#include "providers/chat/answer_body.hpp"
#include "providers/chat/json_reading.hpp"
#include "tests/fuzz/cuts.hpp"

#include <memory>

namespace persona_runtime::fuzz {

struct heard final : text_sink {
  void on_text(std::string_view delta) override { text.append(delta); }
  void on_reasoning(std::string_view delta) override { text.append("~").append(delta); }
  std::string text;
};

struct answer_outcome {
  answer_parts parts;
  model_error error;
  std::string heard;
  friend bool operator==(const answer_outcome&, const answer_outcome&) = default;
};

/// `cut` feeds a body with what it is given.
template <class Documents, class Cut>
answer_outcome read_answer(std::string_view type, answer_form braced, Cut&& cut) {
  auto sink = heard{};
  auto body = answer_body{std::make_unique<Documents>("p", "m", &sink), type, braced};
  cut([&](std::string_view piece) { return body.feed(piece); });
  auto all = answer_outcome{};
  if (auto parts = body.finish()) {
    all.parts = *parts;
  } else {
    all.error = parts.error();
  }
  all.heard = sink.text;
  return all;
}

inline void check_answer(const answer_outcome& o) {
  require(o.parts.calls.size() <= reply_calls_max, "too many calls\n");
  require(o.error.detail.size() <= 512, "a detail is too long\n");
  for (const auto& call : o.parts.calls) {
    require(is_json_object(call.arguments), "arguments are no object\n");
  }
  const auto& sealed = o.parts.thinking.blocks;
  require(sealed.empty() || !o.parts.calls.empty(), "thinking is kept without calls\n");
  require(sealed.empty() || is_json_object("{\"a\":" + sealed + '}'), "thinking is no JSON\n");
}

/// The first byte of the input says how the rest is labelled and cut.
template <class Documents>
int try_answer(const std::uint8_t* data, std::size_t size,
               answer_form braced = answer_form::document) {
  if (size == 0) {
    return 0;
  }
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::string_view types[] = {"text/event-stream", "application/json", "",
                                    "application/x-ndjson"};
  const auto type = types[data[0] % 4];
  const auto whole = read_answer<Documents>(type, braced, [&](auto&& feed) { feed(bytes); });
  const auto cut =
    read_answer<Documents>(type, braced, [&](auto&& feed) { in_pieces(bytes, data[0], feed); });
  check_answer(whole);
  require(whole == cut, "the reply depends on the cuts\n");
  return 0;
}

}  // namespace persona_runtime::fuzz
