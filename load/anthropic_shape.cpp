#include "domain/text/json_text.hpp"
#include "load/reply_shape.hpp"

namespace persona_runtime {
namespace {

/// A server-sent event whose name its data repeats.
std::string anthropic_event(std::string_view type, std::string_view fields) {
  auto out = std::string{"event: "};
  out.append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
  out.append(fields.empty() ? "" : ",").append(fields);
  return out.append("}\n\n");
}

std::string_view anthropic_finish(const simulated_reply& reply) {
  if (reply.is_cut)
    return "max_tokens";
  return reply.tool.empty() ? "end_turn" : "tool_use";
}

std::string anthropic_block(const simulated_reply& reply, std::string_view text,
                            std::string_view input) {
  auto out = std::string{};
  auto block = json_writer{out};
  if (reply.tool.empty())
    block.text("type", "text").text("text", text);
  else
    block.text("type", "tool_use")
      .text("id", "toolu_" + reply.id)
      .text("name", reply.tool)
      .raw("input", input);
  block.close();
  return out;
}

/// A whole message, or the beginning of one: then `finish` is empty.
std::string anthropic_message(const simulated_reply& reply, std::string_view content,
                              std::string_view finish, std::size_t output_tokens) {
  auto usage = std::string{};
  auto counts = json_writer{usage};
  counts.number("input_tokens", reply.prompt_tokens).number("output_tokens", output_tokens);
  counts.close();
  auto out = std::string{};
  auto message = json_writer{out};
  message.text("id", "msg_" + reply.id)
    .text("type", "message")
    .text("role", "assistant")
    .text("model", reply.model)
    .raw("content", content)
    .text_or_null("stop_reason", finish, !finish.empty())
    .raw("stop_sequence", "null")
    .raw("usage", usage);
  message.close();
  return out;
}

class anthropic_reply_shape final : public reply_shape {
public:
  [[nodiscard]] std::string_view stream_type() const override { return "text/event-stream"; }

  [[nodiscard]] std::string opening(const simulated_reply& reply) const override {
    return anthropic_event("message_start", "\"message\":" + anthropic_message(reply, "[]", "", 1))
           + anthropic_event("content_block_start",
                             "\"index\":0,\"content_block\":" + anthropic_block(reply, "", "{}"))
           + anthropic_event("ping", "");
  }

  [[nodiscard]] std::string token(const simulated_reply& reply, std::size_t i) const override {
    auto out = std::string{};
    auto delta = json_writer{out};
    if (reply.tool.empty())
      delta.text("type", "text_delta").text("text", reply.token(i));
    else
      delta.text("type", "input_json_delta").text("partial_json", reply.token(i));
    delta.close();
    return anthropic_event("content_block_delta", "\"index\":0,\"delta\":" + out);
  }

  [[nodiscard]] std::string closing(const simulated_reply& reply,
                                    bool /*with_usage*/) const override {
    auto fields = std::string{"\"delta\":{\"stop_reason\":\""};
    fields.append(anthropic_finish(reply)).append("\",\"stop_sequence\":null},\"usage\":");
    auto usage = json_writer{fields};
    usage.number("output_tokens", reply.ends.size());
    usage.close();
    return anthropic_event("content_block_stop", "\"index\":0")
           + anthropic_event("message_delta", fields) + anthropic_event("message_stop", "");
  }

  [[nodiscard]] std::string whole(const simulated_reply& reply) const override {
    // Arguments that the limit has cut are no JSON any more.
    const auto input = reply.is_cut ? std::string_view{"{}"} : std::string_view{reply.content};
    return anthropic_message(reply, "[" + anthropic_block(reply, reply.content, input) + "]",
                             anthropic_finish(reply), reply.ends.size());
  }

  [[nodiscard]] std::string error(int status, std::string_view message) const override {
    auto inner = std::string{};
    auto fields = json_writer{inner};
    fields.text("type", error_type_of(status)).text("message", message);
    fields.close();
    return "{\"type\":\"error\",\"error\":" + inner + "}";
  }
};

}  // namespace

const reply_shape& anthropic_shape() {
  static const auto shape = anthropic_reply_shape{};
  return shape;
}

}  // namespace persona_runtime
