#include "providers/chat/ollama_request.hpp"

#include "domain/text/base64.hpp"
#include "domain/text/json_text.hpp"
#include "providers/chat/wire_name.hpp"

#include <simdjson.h>

#include <vector>

namespace persona_runtime {

namespace {

bool is_shown(const image_block& image) {
  return !image.bytes.empty();
}

/// Images whose bytes were not read, as those of earlier turns, are shown as where they lie.
std::string text_with_places(const message& m) {
  auto text = m.content.str();
  for (const auto& image : m.images) {
    if (!is_shown(image))
      text.append("\n\n[image ").append(image.workspace_path).append("]");
  }
  return text;
}

void append_images(json_writer& o, const message& m) {
  auto shown = std::vector<const image_block*>{};
  for (const auto& image : m.images) {
    if (is_shown(image))
      shown.push_back(&image);
  }
  if (shown.empty())
    return;
  append_json_list(o.key("images"), shown, [](std::string& out, const image_block* image) {
    out += '"';
    append_base64(out, image->bytes.view());
    out += '"';
  });
}

void append_ollama_message(std::string& out, const message& m) {
  auto o = json_writer{out};
  if (m.from == role::tool) {
    o.text("role", "user").text("content", m.tool_name + " returned: " + m.content.str());
  } else if (m.images.empty()) {
    o.text("role", name_of(m.from)).text("content", m.content.view());
  } else {
    o.text("role", name_of(m.from)).text("content", text_with_places(m));
    append_images(o, m);
  }
  o.close();
}

void append_ollama_tool(std::string& out, const tool_definition& tool) {
  auto o = json_writer{out};
  o.text("type", "function");
  auto f = json_writer{o.key("function")};
  f.text("name", tool.name).text("description", tool.description);
  f.json("parameters", tool.parameters.empty() ? R"({"type":"object"})" : tool.parameters);
  f.close();
  o.close();
}

bool offers_tools(const ollama_target& target, const chat_request& request) {
  // The endpoint has no way to say that offered tools must not be used.
  return target.native_tools && request.tools && !request.tools->empty()
         && request.choice != tool_choice::none;
}

/// What OpenAI's clients wish for, as this endpoint takes it: "json", or the schema itself.
std::string format_of(const std::string& wished) {
  auto parser = simdjson::dom::parser{};
  auto schema = simdjson::dom::element{};
  if (parser.parse(wished).at_pointer("/json_schema/schema").get(schema) == simdjson::SUCCESS)
    return simdjson::minify(schema);
  return R"("json")";
}

}  // namespace

std::string ollama_request_body(const ollama_target& target, const chat_request& request) {
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("model", target.model);
  append_json_list(o.key("messages"), request.context,
                   [](std::string& to, const auto& m) { append_ollama_message(to, *m); });
  o.flag("stream", true);
  auto options = json_writer{o.key("options")};
  options.number("temperature", request.temperature.value_or(target.temperature));
  options.number("num_predict", request.reply_tokens_max);
  if (!request.stop.empty()) {
    append_json_list(options.key("stop"), request.stop,
                     [](std::string& to, const auto& word) { append_json_string(to, word); });
  }
  options.close();
  if (!request.response_format.empty())
    o.json("format", format_of(request.response_format));
  if (offers_tools(target, request)) {
    append_json_list(o.key("tools"), *request.tools, append_ollama_tool);
  }
  o.close();
  return out;
}

}  // namespace persona_runtime
