// How messages and conversations are written and read. Times are written as everywhere in events
// (microseconds, when there are fractions) and keep the offset that they came with.

#include "domain/conversation/conversation.hpp"
#include "domain/event/json_parts.hpp"
#include "domain/event/strict_json.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

namespace persona_runtime {
namespace {

std::string time_text(const zoned_instant& time) {
  return time.offset_minutes == 0 ? to_text(time.at) : format_time(time);
}

void append_block(std::string& out, const content_block& block) {
  auto o = json_writer{out};
  if (const auto* text = std::get_if<text_block>(&block)) {
    o.text("type", "text").text("text", text->text).close();
    return;
  }
  const auto& image = std::get<image_block>(block);
  o.text("type", "image").text("workspace_path", image.workspace_path);
  o.text("media_type", name_of(image.type)).close();
}

void append_content(std::string& out, const message_content& content) {
  if (const auto* text = std::get_if<std::string>(&content))
    return append_json_string(out, *text);
  append_json_list(out, std::get<std::vector<content_block>>(content), append_block);
}

role read_role(strict_object& in) {
  const auto name = in.text("role");
  for (const auto r : {role::system, role::user, role::assistant, role::tool}) {
    if (name_of(r) == name)
      return r;
  }
  in.complain("role", "must be user, assistant, system or tool");
  return role::user;
}

zoned_instant read_time(strict_object& in, std::string_view name) {
  const auto time = parse_time(in.text(name));
  if (!time) {
    in.complain(name, "must be a time such as 2026-03-02T18:40:00Z");
    return {};
  }
  if (time->naive)
    in.complain(name, "has no offset from UTC; write Z or +01:00 behind it");
  return time->value;
}

content_block read_block(simdjson::dom::element at, const std::string& path, std::string& problem) {
  auto in = strict_object{at, path, problem};
  const auto type = in.text("type");
  auto out = content_block{};
  if (type == "text") {
    out = text_block{in.text("text")};
  } else if (type == "image") {
    auto image = image_block{in.text("workspace_path"), image_type::png, {}};
    const auto media_type = image_type_of(in.text("media_type"));
    if (!media_type)
      in.complain("media_type", "must be image/png, image/jpeg, image/webp or image/gif");
    image.type = media_type.value_or(image_type::png);
    out = std::move(image);
  } else {
    in.complain("type", "must be text or image");
  }
  in.close();
  return out;
}

message_content read_content(strict_object& in, std::string& problem) {
  const auto found = in.require("content");
  std::string_view text;
  if (!found || !found->get(text))
    return std::string{text};
  auto blocks = std::vector<content_block>{};
  in.list("content", [&](simdjson::dom::element item, const std::string& path) {
    blocks.push_back(read_block(item, path, problem));
  });
  return blocks;
}

tool_call read_tool_call(simdjson::dom::element at, const std::string& path, std::string& problem) {
  auto in = strict_object{at, path, problem};
  auto out = tool_call{};
  out.name = in.text("name");
  if (const auto args = in.find("args")) {
    if (!args->is_object())
      in.complain("args", "must be an object");
    out.arguments = simdjson::minify(*args);
  }
  out.call_id = in.text_or("call_id", "");
  out.truncated = in.flag_or("truncated", false);
  in.close();
  return out;
}

conversation_message read_one(simdjson::dom::element at, const std::string& path,
                              std::string& problem) {
  auto in = strict_object{at, path, problem};
  auto out = conversation_message{};
  out.from = read_role(in);
  out.content = read_content(in, problem);
  if (const auto wrong = problem_of(out.content); !wrong.empty())
    in.complain({}, ": " + wrong);
  out.created_at = read_time(in, "created_at");
  out.metadata = in.text_map("metadata");
  in.list("tool_calls", [&](simdjson::dom::element item, const std::string& where) {
    out.tool_calls.push_back(read_tool_call(item, where, problem));
  });
  in.close();
  return out;
}

}  // namespace

void append_message(std::string& out, const conversation_message& m) {
  auto o = json_writer{out};
  o.text("role", name_of(m.from));
  append_content(o.key("content"), m.content);
  o.text("created_at", time_text(m.created_at));
  append_text_map(o.key("metadata"), m.metadata);
  append_json_list(o.key("tool_calls"), m.tool_calls, append_call);
  o.close();
}

result<conversation_message> message_of(std::string_view json) {
  return read_strictly<conversation_message>(
    json, "message",
    [](simdjson::dom::element root, std::string& problem) { return read_one(root, {}, problem); });
}

void append_conversation(std::string& out, const conversation& c) {
  auto o = json_writer{out};
  o.text("conversation_id", c.id.value).text("persona_id", c.persona.value);
  append_json_list(o.key("messages"), c.messages, append_message);
  o.text("compacted_summary", c.compacted_summary);
  o.number("compacted_up_to", c.compacted_up_to).close();
}

result<conversation> conversation_of(std::string_view json) {
  return read_strictly<conversation>(
    json, "conversation", [](simdjson::dom::element root, std::string& problem) {
      auto in = strict_object{root, {}, problem};
      auto out = conversation{{in.text("conversation_id")}, {in.text("persona_id")}};
      in.list("messages", [&](simdjson::dom::element item, const std::string& path) {
        out.messages.push_back(read_one(item, path, problem));
      });
      out.compacted_summary = in.text_or("compacted_summary", "");
      out.compacted_up_to = in.count_or<std::uint32_t>("compacted_up_to", 0);
      if (out.compacted_up_to > out.messages.size())
        in.complain("compacted_up_to", "is past the last message");
      in.close();
      return out;
    });
}

}  // namespace persona_runtime
