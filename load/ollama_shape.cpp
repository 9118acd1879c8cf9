#include "domain/text/json_text.hpp"
#include "load/reply_shape.hpp"

namespace persona_runtime {
namespace {

std::string ollama_message(std::string_view content, std::string_view calls) {
  auto out = std::string{};
  auto message = json_writer{out};
  message.text("role", "assistant").text("content", content);
  if (!calls.empty())
    message.raw("tool_calls", calls);
  message.close();
  return out;
}

std::string ollama_calls(const simulated_reply& reply) {
  auto function = std::string{};
  auto fields = json_writer{function};
  // A call comes whole, so one that the limit has cut has no arguments at all.
  fields.text("name", reply.tool).raw("arguments", reply.is_cut ? "{}" : reply.content);
  fields.close();
  return "[{\"function\":" + function + "}]";
}

std::string ollama_document(const simulated_reply& reply, std::string_view message, bool is_last) {
  constexpr auto per_ms = std::int64_t{1'000'000};
  auto out = std::string{};
  auto document = json_writer{out};
  document.text("model", reply.model)
    .text("created_at", simulated_created_text)
    .raw("message", message)
    .flag("done", is_last);
  if (is_last) {
    const auto tokens = static_cast<std::int64_t>(reply.ends.size());
    const auto prompt_ns = reply.first_token.count() * per_ms;
    const auto answer_ns = reply.between_tokens.count() * per_ms * tokens;
    document.text("done_reason", reply.is_cut ? "length" : "stop")
      .number("total_duration", prompt_ns + answer_ns)
      .number("load_duration", 0)
      .number("prompt_eval_count", reply.prompt_tokens)
      .number("prompt_eval_duration", prompt_ns)
      .number("eval_count", tokens)
      .number("eval_duration", answer_ns);
  }
  document.close();
  return out;
}

class ollama_reply_shape final : public reply_shape {
public:
  [[nodiscard]] std::string_view stream_type() const override { return "application/x-ndjson"; }

  [[nodiscard]] std::string opening(const simulated_reply& /*reply*/) const override { return {}; }

  [[nodiscard]] std::string token(const simulated_reply& reply, std::size_t i) const override {
    if (reply.tool.empty())
      return ollama_document(reply, ollama_message(reply.token(i), ""), false) + "\n";
    if (i + 1 < reply.ends.size())
      return {};
    return ollama_document(reply, ollama_message("", ollama_calls(reply)), false) + "\n";
  }

  [[nodiscard]] std::string closing(const simulated_reply& reply,
                                    bool /*with_usage*/) const override {
    return ollama_document(reply, ollama_message("", ""), true) + "\n";
  }

  [[nodiscard]] std::string whole(const simulated_reply& reply) const override {
    const auto is_call = !reply.tool.empty();
    return ollama_document(
      reply, ollama_message(is_call ? "" : reply.content, is_call ? ollama_calls(reply) : ""),
      true);
  }

  [[nodiscard]] std::string error(int /*status*/, std::string_view message) const override {
    auto out = std::string{};
    auto fields = json_writer{out};
    fields.text("error", message);
    fields.close();
    return out;
  }
};

}  // namespace

const reply_shape& ollama_shape() {
  static const auto shape = ollama_reply_shape{};
  return shape;
}

}  // namespace persona_runtime
