#include "providers/chat/anthropic_request.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/base64.hpp"
#include "domain/text/json_text.hpp"
#include "providers/chat/request_size.hpp"
#include "providers/chat/wire_name.hpp"

#include <algorithm>

namespace persona_runtime {

namespace {

// Endpoints keep nothing shorter than 1,024 tokens, so that a mark would only change the form.
constexpr std::size_t kept_bytes_min = 4096;
constexpr std::string_view keep_mark = R"({"type":"ephemeral"})";

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

void append_result_block(std::string& out, const message& m, bool is_kept) {
  auto o = json_writer{out};
  o.text("type", "tool_result").text("tool_use_id", wire_name(m.call_id));
  o.text("content", m.content.view());
  if (m.is_error) {
    o.flag("is_error", true);
  }
  if (is_kept) {
    o.raw("cache_control", keep_mark);
  }
  o.close();
}

/// What goes to the model as a list of blocks of the user's.
bool is_block_list(const message& m) {
  return m.from == role::tool || (m.from == role::user && !m.images.empty());
}

/// The blocks of one such message, without the brackets around them.
void append_user_blocks(std::string& out, const message& m, bool is_kept) {
  if (m.from == role::tool)
    return append_result_block(out, m, is_kept);
  append_text_block(out, m.content.view());
  for (const auto& image : m.images) {
    out += ',';
    append_image_block(out, image);
  }
}

/// What the model thought stands first, as it came; another model's is not this one's business.
void append_assistant_blocks(std::string& out, const message& m, std::string_view signer) {
  out += '[';
  if (m.thinking.by == signer && m.thinking.blocks.size() > 2) {
    out.append(m.thinking.blocks, 1, m.thinking.blocks.size() - 2);
    out += ',';
  }
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
  /// Takes `signer`'s thinking; everything up to and with `kept`, which may be null, is marked.
  message_writer(std::string& out, std::string signer, const message* kept)
    : out_{out}, signer_{std::move(signer)}, kept_{kept} {}

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
      append_assistant_blocks(o.key("content"), m, signer_);
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
    append_user_blocks(out_, m, &m == kept_);
  }
  void separate() {
    if (!first_)
      out_ += ',';
    first_ = false;
  }

  std::string& out_;
  std::string signer_;
  const message* kept_;
  bool first_ = true;
  bool in_blocks_ = false;
};

/// The last result of a tool: the next call sends everything up to it again.
const message* last_result(const message_list& context) {
  const auto found = std::find_if(context.rbegin(), context.rend(),
                                  [](const auto& m) { return m->from == role::tool; });
  return found == context.rend() ? nullptr : found->get();
}

void append_messages(std::string& out, const message_list& context, std::string signer,
                     const message* kept) {
  out += '[';
  auto writer = message_writer{out, std::move(signer), kept};
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

void append_system(std::string& out, std::string_view text, bool is_kept) {
  if (!is_kept)
    return append_json_string(out, text);
  out += '[';
  auto o = json_writer{out};
  o.text("type", "text").text("text", text).raw("cache_control", keep_mark).close();
  out += ']';
}

void append_anthropic_tool(std::string& out, const tool_definition& tool, bool is_kept) {
  auto o = json_writer{out};
  o.text("name", tool.name).text("description", tool.description);
  o.json("input_schema", tool.parameters.empty() ? R"({"type":"object"})" : tool.parameters);
  if (is_kept)
    o.raw("cache_control", keep_mark);
  o.close();
}

std::size_t size_of(const tool_list& tools) {
  auto bytes = std::size_t{0};
  for (const auto& tool : *tools)
    bytes += tool.description.size() + tool.parameters.size();
  return bytes;
}

void append_tool_choice(json_writer& o, const chat_request& request) {
  if (request.choice == tool_choice::none) {
    o.raw("tool_choice", R"({"type":"none"})");
  } else if (request.choice == tool_choice::required && request.tool.empty()) {
    o.raw("tool_choice", R"({"type":"any"})");
  } else if (request.choice == tool_choice::required) {
    auto to = json_writer{o.key("tool_choice")};
    to.text("type", "tool").text("name", wire_name(request.tool)).close();
  }
}

/// The endpoint refuses words that are nothing but blanks.
void append_stop(json_writer& o, std::vector<std::string> words) {
  std::erase_if(words, [](const std::string& word) { return trimmed(word).empty(); });
  if (!words.empty())
    append_json_list(o.key("stop_sequences"), words,
                     [](std::string& to, const auto& word) { append_json_string(to, word); });
}

}  // namespace

std::string anthropic_request_body(const anthropic_target& target, const chat_request& request) {
  auto out = std::string{};
  out.reserve(expected_bytes(request));
  // Only a call with tools has followers that begin alike; what is kept for nobody is a loss.
  const auto has_tools = target.native_tools && request.tools && !request.tools->empty();
  const auto system = system_text(request.context);
  auto o = json_writer{out};
  o.text("model", target.model).number("max_tokens", request.reply_tokens_max);
  if (!system.empty()) {
    const auto is_kept = has_tools && system.size() + size_of(request.tools) >= kept_bytes_min;
    append_system(o.key("system"), system, is_kept);
  }
  append_messages(o.key("messages"), request.context, "anthropic/" + target.model,
                  has_tools ? last_result(request.context) : nullptr);
  o.number("temperature", std::min(1.0, request.temperature.value_or(target.temperature)));
  append_stop(o, request.stop);
  if (has_tools) {
    const auto* last = &request.tools->back();
    append_json_list(o.key("tools"), *request.tools,
                     [last](std::string& to, const tool_definition& tool) {
                       append_anthropic_tool(to, tool, &tool == last);
                     });
    append_tool_choice(o, request);
  }
  o.flag("stream", true).close();
  return out;
}

}  // namespace persona_runtime
