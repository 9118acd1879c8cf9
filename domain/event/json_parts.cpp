#include "domain/event/json_parts.hpp"

namespace persona_runtime {
namespace {

template <class T>
void number_or_null(json_writer& o, std::string_view name, const std::optional<T>& value) {
  if (value)
    o.number(name, *value);
  else
    o.raw(name, "null");
}

}  // namespace

void append_text_map(std::string& out, const std::map<std::string, std::string>& texts) {
  auto o = json_writer{out};
  for (const auto& [name, value] : texts) {
    // Names come from tools, so they are escaped like any text.
    auto key = std::string{};
    append_json_string(key, name);
    append_json_string(o.key(std::string_view{key}.substr(1, key.size() - 2)), value);
  }
  o.close();
}

void append_call(std::string& out, const tool_call& call) {
  auto o = json_writer{out};
  o.text("name", call.name).json("args", call.arguments).text("call_id", call.call_id);
  o.flag("truncated", call.truncated).close();
}

void append_artifact(std::string& out, const artifact& a) {
  auto o = json_writer{out};
  o.text("workspace_path", a.workspace_path).text("mime_type", a.mime_type);
  o.number("size_bytes", a.size_bytes).flag("rendered_inline", a.rendered_inline);
  o.flag("ai_generated", a.ai_generated).close();
}

void append_result(std::string& out, const tool_result& r) {
  auto o = json_writer{out};
  o.text("tool_name", r.tool_name).text("content", r.content).text("call_id", r.call_id);
  o.flag("is_error", r.is_error);
  append_text_map(o.key("metadata"), r.metadata);
  o.json("data", r.data.empty() ? "null" : r.data).flag("truncated", r.truncated);
  append_json_list(o.key("artifacts"), r.artifacts, append_artifact);
  o.close();
}

void append_size(std::string& out, message_size size) {
  out.append("[").append(std::to_string(size.alone)).append(",");
  out.append(std::to_string(size.followed)).append("]");
}

void add_thinking(json_writer& o, const sealed_thinking& thinking) {
  // As a text, so that it comes back byte by byte: its vendor compares.
  if (!thinking.blocks.empty())
    o.text("thinking_by", thinking.by).text("thinking", thinking.blocks);
}

void add_cached(json_writer& o, const token_usage& usage) {
  if (usage.cache_read > 0)
    o.number("cache_read", usage.cache_read);
  if (usage.cache_write > 0)
    o.number("cache_write", usage.cache_write);
}

void append_limits(std::string& out, const run_limits& limits) {
  auto o = json_writer{out};
  o.number("max_steps", limits.max_steps);
  number_or_null(o, "max_tokens", limits.max_tokens);
  number_or_null(o, "max_cost_cents", limits.max_cost_cents);
  number_or_null(o, "deadline_s", limits.deadline_s);
  o.close();
}

void append_text_list(std::string& out, const std::vector<std::string>& texts) {
  append_json_list(out, texts,
                   [](std::string& to, const std::string& text) { append_json_string(to, text); });
}

}  // namespace persona_runtime
