#include "providers/chat/anthropic_request.hpp"

#include "domain/text/base64.hpp"
#include "domain/text/json_text.hpp"
#include "providers/chat/wire_name.hpp"

#include <algorithm>

namespace persona_runtime {

namespace {

void append_text_block(std::string& out, std::string_view text) {
  auto o = json_writer{out};
  o.text("type", "text").text("text", text).close();
}

/// An image whose bytes were not read, as those of earlier turns, is shown as where it lies.
void append_image_block(std::string& out, const image_block& image) {
  if (image.bytes.empty())
    return append_text_block(out, "[image " + image.workspace_path + ']');
  auto o = json_writer{out};
  o.text("type", "image");
  auto source = json_writer{o.key("source")};
  source.text("type", "base64").text("media_type", name_of(image.type));
  auto& data = source.key("data");
  data += '"';
  append_base64(data, image.bytes.view());
  data += '"';
  source.close();
  o.close();
}

void append_use_block(std::string& out, const tool_call& call) {
  auto o = json_writer{out};
  o.text("type", "tool_use").text("id", wire_name(call.call_id)).text("name", wire_name(call.name));
  o.json("input", call.arguments).close();
}

void append_result_block(std::string& out, const message& m) {
  auto o = json_writer{out};
  o.text("type", "tool_result").text("tool_use_id", wire_name(m.call_id));
  o.text("content", m.content.view());
  if (m.is_error) {
    o.flag("is_error", true);
  }
  o.close();
}

/// What goes to the model as a list of blocks of the user's.
bool is_block_list(const message& m) {
  return m.from == role::tool || (m.from == role::user && !m.images.empty());
}

/// The blocks of one such message, without the brackets around them.
void append_user_blocks(std::string& out, const message& m) {
  if (m.from == role::tool)
    return append_result_block(out, m);
  append_text_block(out, m.content.view());
  for (const auto& image : m.images) {
    out += ',';
    append_image_block(out, image);
  }
}

void append_assistant_blocks(std::string& out, const message& m) {
  out += '[';
  if (!m.content.empty()) {
    append_text_block(out, m.content.view());
    out += ',';
  }
  for (const auto& call : m.calls) {
    append_use_block(out, call);
    out += ',';
  }
  out.back() = ']';
}

/// Appends the messages but those of the system.
class message_writer {
public:
  explicit message_writer(std::string& out) : out_{out} {}

  void add(const message& m) {
    if (is_block_list(m)) {
      add_blocks(m);
      return;
    }
    close_blocks();
    separate();
    auto o = json_writer{out_};
    o.text("role", m.from == role::assistant ? "assistant" : "user");
    if (m.calls.empty()) {
      o.text("content", m.content.view());
    } else {
      append_assistant_blocks(o.key("content"), m);
    }
    o.close();
  }
  void close_blocks() {
    if (in_blocks_)
      out_ += "]}";
    in_blocks_ = false;
  }

private:
  void add_blocks(const message& m) {
    if (in_blocks_) {
      out_ += ',';
    } else {
      separate();
      out_ += R"({"role":"user","content":[)";
      in_blocks_ = true;
    }
    append_user_blocks(out_, m);
  }
  void separate() {
    if (!first_)
      out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
  bool in_blocks_ = false;
};

void append_messages(std::string& out, const message_list& context) {
  out += '[';
  auto writer = message_writer{out};
  for (const auto& m : context) {
    if (m->from != role::system)
      writer.add(*m);
  }
  writer.close_blocks();
  out += ']';
}

std::string system_text(const message_list& context) {
  auto text = std::string{};
  for (const auto& m : context) {
    if (m->from != role::system || m->content.empty())
      continue;
    text.append(text.empty() ? "" : "\n\n").append(m->content.view());
  }
  return text;
}

void append_tool(std::string& out, const tool_definition& tool) {
  auto o = json_writer{out};
  o.text("name", tool.name).text("description", tool.description);
  o.json("input_schema", tool.parameters.empty() ? R"({"type":"object"})" : tool.parameters);
  o.close();
}

/// A little more than the body takes, for the same reason as with OpenAI's.
std::size_t expected_size(const chat_request& request) {
  auto bytes = std::size_t{512};
  const auto add = [&](std::size_t text) { bytes += text + text / 8 + 96; };
  for (const auto& m : request.context) {
    add(m->content.size());
    for (const auto& image : m->images)
      add(image.bytes.size() / 3 * 4);
    for (const auto& call : m->calls)
      add(call.arguments.size());
  }
  if (request.tools) {
    for (const auto& tool : *request.tools)
      add(tool.description.size() + tool.parameters.size());
  }
  return bytes;
}

}  // namespace

std::string anthropic_request_body(const anthropic_target& target, const chat_request& request) {
  auto out = std::string{};
  out.reserve(expected_size(request));
  auto o = json_writer{out};
  o.text("model", target.model).number("max_tokens", request.reply_tokens_max);
  if (const auto system = system_text(request.context); !system.empty()) {
    o.text("system", system);
  }
  append_messages(o.key("messages"), request.context);
  o.number("temperature", request.temperature.value_or(target.temperature));
  if (target.native_tools && request.tools && !request.tools->empty()) {
    append_json_list(o.key("tools"), *request.tools, append_tool);
    if (request.choice == tool_choice::none) {
      o.raw("tool_choice", R"({"type":"none"})");
    }
  }
  o.flag("stream", true).close();
  return out;
}

}  // namespace persona_runtime
