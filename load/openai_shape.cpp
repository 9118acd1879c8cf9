#include "domain/text/json_text.hpp"
#include "load/reply_shape.hpp"

namespace persona_runtime {
namespace {

std::string openai_usage(const simulated_reply& reply) {
  auto out = std::string{};
  auto usage = json_writer{out};
  usage.number("prompt_tokens", reply.prompt_tokens)
    .number("completion_tokens", reply.ends.size())
    .number("total_tokens", reply.prompt_tokens + reply.ends.size());
  usage.close();
  return out;
}

std::string_view openai_finish(const simulated_reply& reply) {
  if (reply.is_cut)
    return "length";
  return reply.tool.empty() ? "stop" : "tool_calls";
}

/// One call; in a stream with its index, where later pieces have the index alone.
std::string openai_call(const simulated_reply& reply, bool is_first, bool is_streamed,
                        std::string_view arguments) {
  auto function = std::string{};
  auto inner = json_writer{function};
  if (is_first)
    inner.text("name", reply.tool);
  inner.text("arguments", arguments);
  inner.close();
  auto out = std::string{};
  auto call = json_writer{out};
  if (is_streamed)
    call.number("index", 0);
  if (is_first)
    call.text("id", "call_" + reply.id).text("type", "function");
  call.raw("function", function);
  call.close();
  return "[" + out + "]";
}

/// `choices` is what the chunk or completion holds beside its name.
std::string openai_document(const simulated_reply& reply, std::string_view object,
                            std::string_view choices, std::string_view usage) {
  auto out = std::string{};
  auto document = json_writer{out};
  document.text("id", "chatcmpl-" + reply.id)
    .text("object", object)
    .number("created", simulated_created_s)
    .text("model", reply.model)
    .raw("choices", choices)
    .raw("usage", usage);
  document.close();
  return out;
}

std::string openai_chunk(const simulated_reply& reply, std::string_view delta,
                         std::string_view finish) {
  auto choice = std::string{"["};
  auto fields = json_writer{choice};
  fields.number("index", 0)
    .raw("delta", delta)
    .text_or_null("finish_reason", finish, !finish.empty());
  fields.close();
  choice += ']';
  return "data: " + openai_document(reply, "chat.completion.chunk", choice, "null") + "\n\n";
}

std::string openai_delta(const simulated_reply& reply, bool is_first, std::string_view piece) {
  auto out = std::string{};
  auto delta = json_writer{out};
  if (is_first)
    delta.text("role", "assistant");
  if (reply.tool.empty())
    delta.text("content", piece);
  else
    delta.raw("tool_calls", openai_call(reply, is_first, true, piece));
  delta.close();
  return out;
}

class openai_reply_shape final : public reply_shape {
public:
  [[nodiscard]] std::string_view stream_type() const override { return "text/event-stream"; }

  [[nodiscard]] std::string opening(const simulated_reply& reply) const override {
    return openai_chunk(reply, openai_delta(reply, true, ""), "");
  }

  [[nodiscard]] std::string token(const simulated_reply& reply, std::size_t i) const override {
    return openai_chunk(reply, openai_delta(reply, false, reply.token(i)), "");
  }

  [[nodiscard]] std::string closing(const simulated_reply& reply, bool with_usage) const override {
    auto out = openai_chunk(reply, "{}", openai_finish(reply));
    if (with_usage)
      out += "data: " + openai_document(reply, "chat.completion.chunk", "[]", openai_usage(reply))
             + "\n\n";
    return out + "data: [DONE]\n\n";
  }

  [[nodiscard]] std::string whole(const simulated_reply& reply) const override {
    auto message = std::string{};
    auto said = json_writer{message};
    said.text("role", "assistant").text_or_null("content", reply.content, reply.tool.empty());
    if (!reply.tool.empty())
      said.raw("tool_calls", openai_call(reply, true, false, reply.content));
    said.close();
    auto choice = std::string{"["};
    auto fields = json_writer{choice};
    fields.number("index", 0).raw("message", message).text("finish_reason", openai_finish(reply));
    fields.close();
    choice += ']';
    return openai_document(reply, "chat.completion", choice, openai_usage(reply));
  }

  [[nodiscard]] std::string error(int status, std::string_view message) const override {
    auto inner = std::string{};
    auto fields = json_writer{inner};
    fields.text("message", message).text("type", error_type_of(status)).raw("param", "null");
    fields.text_or_null("code", status == 401 ? "invalid_api_key" : "rate_limit_exceeded",
                        status == 401 || status == 429);
    fields.close();
    return "{\"error\":" + inner + "}";
  }
};

}  // namespace

const reply_shape& openai_shape() {
  static const auto shape = openai_reply_shape{};
  return shape;
}

}  // namespace persona_runtime
