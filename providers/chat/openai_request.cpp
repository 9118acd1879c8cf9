#include "providers/chat/openai_request.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/base64.hpp"
#include "domain/text/json_text.hpp"
#include "providers/chat/request_size.hpp"
#include "providers/chat/wire_name.hpp"

#include <algorithm>

namespace persona_runtime {

namespace {

void append_call(std::string& out, const tool_call& call) {
  auto o = json_writer{out};
  o.text("id", call.call_id).text("type", "function");
  auto f = json_writer{o.key("function")};
  f.text("name", wire_name(call.name)).text("arguments", call.arguments);
  f.close();
  o.close();
}

void append_tool_result(json_writer& o, const message& m) {
  const auto text = m.content.view();
  if (m.is_error && !text.starts_with("Error:")) {
    o.text("content", "Error: " + std::string{text});
  } else {
    o.text("content", text);
  }
  o.text("tool_call_id", m.call_id);
}

void append_text_part(std::string& out, std::string_view text) {
  auto o = json_writer{out};
  o.text("type", "text").text("text", text).close();
}

/// An image whose bytes were not read, as those of earlier turns, is shown as where it lies.
void append_image_part(std::string& out, const image_block& image) {
  if (image.bytes.empty())
    return append_text_part(out, "[image " + image.workspace_path + ']');
  auto o = json_writer{out};
  o.text("type", "image_url");
  auto& to = o.key("image_url");
  to.append(R"({"url":"data:)").append(name_of(image.type)).append(";base64,");
  append_base64(to, image.bytes.view());
  to += "\"}";
  o.close();
}

void append_parts(std::string& out, const message& m) {
  out += '[';
  append_text_part(out, m.content.view());
  for (const auto& image : m.images) {
    out += ',';
    append_image_part(out, image);
  }
  out += ']';
}

void append_message(std::string& out, const message& m) {
  auto o = json_writer{out};
  o.text("role", name_of(m.from));
  if (m.from == role::tool) {
    append_tool_result(o, m);
  } else if (!m.images.empty()) {
    append_parts(o.key("content"), m);
  } else {
    // Strict endpoints refuse an empty text beside calls.
    auto present = m.calls.empty() || !trimmed(m.content.view()).empty();
    o.text_or_null("content", m.content.view(), present);
  }
  if (!m.calls.empty()) {
    append_json_list(o.key("tool_calls"), m.calls, append_call);
  }
  o.close();
}

void append_tool(std::string& out, const tool_definition& tool) {
  auto o = json_writer{out};
  o.text("type", "function");
  auto f = json_writer{o.key("function")};
  f.text("name", tool.name).text("description", tool.description);
  f.json("parameters", tool.parameters.empty() ? R"({"type":"object"})" : tool.parameters);
  f.close();
  o.close();
}

void append_choice(json_writer& o, const chat_request& request) {
  if (request.choice == tool_choice::none) {
    o.text("tool_choice", "none");
  } else if (request.choice == tool_choice::required && request.tool.empty()) {
    o.text("tool_choice", "required");
  } else if (request.choice == tool_choice::required) {
    auto to = json_writer{o.key("tool_choice")};
    to.text("type", "function");
    auto f = json_writer{to.key("function")};
    f.text("name", wire_name(request.tool)).close();
    to.close();
  }
}

bool is_overridden(const openai_target& target, std::string_view name) {
  return std::any_of(target.extra.begin(), target.extra.end(),
                     [&](const auto& field) { return field.first == name; });
}

}  // namespace

std::string openai_request_body(const openai_target& target, const chat_request& request) {
  auto out = std::string{};
  out.reserve(expected_bytes(request));
  auto o = json_writer{out};
  auto unless_overridden = [&](std::string_view name, auto&& append) {
    if (!is_overridden(target, name)) {
      append(name);
    }
  };
  o.text("model", target.model);
  append_json_list(o.key("messages"), request.context,
                   [](std::string& to, const auto& m) { append_message(to, *m); });
  if (is_reasoning_model(*target.row, target.model)) {
    unless_overridden("max_completion_tokens",
                      [&](auto name) { o.number(name, request.reply_tokens_max); });
  } else {
    unless_overridden("temperature", [&](auto name) {
      o.number(name, request.temperature.value_or(target.temperature));
    });
    unless_overridden("max_tokens", [&](auto name) { o.number(name, request.reply_tokens_max); });
    // Reasoning models refuse it.
    if (!request.stop.empty()) {
      unless_overridden("stop", [&](auto name) {
        append_json_list(o.key(name), request.stop,
                         [](std::string& to, const auto& word) { append_json_string(to, word); });
      });
    }
  }
  if (target.native_tools && request.tools && !request.tools->empty()) {
    append_json_list(o.key("tools"), *request.tools, append_tool);
    append_choice(o, request);
  }
  if (!request.response_format.empty()) {
    unless_overridden("response_format", [&](auto name) { o.json(name, request.response_format); });
  }
  o.flag("stream", true);
  unless_overridden("stream_options", [&](auto name) { o.raw(name, R"({"include_usage":true})"); });
  for (const auto& [name, json] : target.extra) {
    o.json(name, json);
  }
  o.close();
  return out;
}

}  // namespace persona_runtime
