#include "api/routes/completion_json.hpp"

#include "domain/text/json_text.hpp"

#include <functional>

namespace persona_runtime::api {
namespace {

void append_usage(std::string& out, const token_usage& usage) {
  auto o = json_writer{out};
  o.number("prompt_tokens", usage.prompt).number("completion_tokens", usage.completion);
  o.number("total_tokens", usage.prompt + usage.completion).close();
}

void append_function(std::string& out, const tool_call& call) {
  auto o = json_writer{out};
  o.text("name", call.name).text("arguments", call.arguments).close();
}

void append_calls(std::string& out, const std::vector<tool_call>& calls, bool with_index) {
  out += '[';
  for (auto i = std::size_t{0}; i < calls.size(); ++i) {
    out += i == 0 ? "" : ",";
    auto o = json_writer{out};
    if (with_index)
      o.number("index", i);
    o.text("id", calls[i].call_id).text("type", "function");
    append_function(o.key("function"), calls[i]);
    o.close();
  }
  out += ']';
}

void append_head(json_writer& o, const completion_head& head, std::string_view object) {
  o.text("id", head.id).text("object", object).number("created", head.created);
  o.text("model", head.model);
}

/// `delta` appends what is new.
std::string chunk_of(const completion_head& head, const std::function<void(std::string&)>& delta,
                     std::string_view finish) {
  auto out = std::string{};
  auto o = json_writer{out};
  append_head(o, head, "chat.completion.chunk");
  auto& choices = o.key("choices");
  choices += '[';
  auto choice = json_writer{choices};
  choice.number("index", 0);
  delta(choice.key("delta"));
  choice.raw("logprobs", "null").text_or_null("finish_reason", finish, !finish.empty());
  choice.close();
  choices += ']';
  if (head.with_usage)
    o.raw("usage", "null");
  o.close();
  return out;
}

}  // namespace

std::string_view finish_name(finish_reason reason) {
  switch (reason) {
  case finish_reason::length:
    return "length";
  case finish_reason::tool_calls:
    return "tool_calls";
  default:
    return "stop";
  }
}

std::string completion_json(const completion_head& head, const completion_end& end) {
  auto out = std::string{};
  auto o = json_writer{out};
  append_head(o, head, "chat.completion");
  auto& choices = o.key("choices");
  choices += '[';
  auto choice = json_writer{choices};
  choice.number("index", 0);
  auto message = json_writer{choice.key("message")};
  message.text("role", "assistant");
  message.text_or_null("content", end.text, end.calls.empty() || !end.text.empty());
  message.raw("refusal", "null");
  if (!end.calls.empty())
    append_calls(message.key("tool_calls"), end.calls, false);
  message.close();
  choice.raw("logprobs", "null").text("finish_reason", finish_name(end.finish)).close();
  choices += ']';
  append_usage(o.key("usage"), end.usage);
  o.close();
  return out;
}

std::string role_chunk(const completion_head& head) {
  return chunk_of(head, [](std::string& out) { out += R"({"role":"assistant","content":""})"; },
                  {});
}

std::string text_chunk(const completion_head& head, std::string_view piece) {
  const auto delta = [piece](std::string& out) {
    auto o = json_writer{out};
    o.text("content", piece).close();
  };
  return chunk_of(head, delta, {});
}

std::string calls_chunk(const completion_head& head, const std::vector<tool_call>& calls) {
  const auto delta = [&calls](std::string& out) {
    auto o = json_writer{out};
    append_calls(o.key("tool_calls"), calls, true);
    o.close();
  };
  return chunk_of(head, delta, {});
}

std::string finish_chunk(const completion_head& head, finish_reason reason) {
  return chunk_of(
    head, [](std::string& out) { out += "{}"; }, finish_name(reason));
}

std::string usage_chunk(const completion_head& head, const token_usage& usage) {
  auto out = std::string{};
  auto o = json_writer{out};
  append_head(o, head, "chat.completion.chunk");
  o.raw("choices", "[]");
  append_usage(o.key("usage"), usage);
  o.close();
  return out;
}

}  // namespace persona_runtime::api
