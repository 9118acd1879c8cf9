#include "providers/tools/outside/tool_exchange.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t json_depth_max = 64;

std::string json_string(std::string_view text) {
  return json::serialize(json::string_view{repaired_utf8(text)});
}

std::string text_field(const json::object& from, std::string_view name) {
  const auto* field = from.if_contains(name);
  const auto* text = field != nullptr ? field->if_string() : nullptr;
  return text != nullptr ? std::string{*text} : std::string{};
}

bool flag(const json::object& from, std::string_view name, bool otherwise) {
  const auto* field = from.if_contains(name);
  const auto* value = field != nullptr ? field->if_bool() : nullptr;
  return value != nullptr ? *value : otherwise;
}

std::uint64_t size_field(const json::object& from) {
  auto ignored = boost::system::error_code{};
  const auto* field = from.if_contains("size_bytes");
  return field != nullptr ? field->to_number<std::uint64_t>(ignored) : 0;
}

/// A path that leads out of the workspace is not the tool's to announce.
bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos)
    return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (path.substr(begin, end - begin) == "..")
      return false;
    begin = end + 1;
  }
  return true;
}

std::vector<artifact> artifacts_of(const json::value* list) {
  auto out = std::vector<artifact>{};
  if (list == nullptr || !list->is_array())
    return out;
  for (const auto& item : list->get_array()) {
    const auto* fields = item.if_object();
    if (fields == nullptr || out.size() == tool_artifacts_max)
      continue;
    auto path = text_field(*fields, "workspace_path");
    if (!stays_inside(path))
      continue;
    out.push_back({.workspace_path = std::move(path),
                   .mime_type = text_field(*fields, "mime_type"),
                   .size_bytes = size_field(*fields),
                   .rendered_inline = flag(*fields, "rendered_inline", false),
                   .ai_generated = flag(*fields, "ai_generated", true)});
  }
  return out;
}

/// The answer as JSON, if that is what it is: an object with a string `content`.
bool take_json(std::string_view text, tool_result& out) {
  const auto first = text.find_first_not_of(ascii_blanks);
  if (first == std::string_view::npos || text[first] != '{')
    return false;
  auto error = boost::system::error_code{};
  const auto document =
    json::parse({text.data(), text.size()}, error, {}, {.max_depth = json_depth_max});
  const auto* fields = error ? nullptr : document.if_object();
  const auto* content = fields != nullptr ? fields->if_contains("content") : nullptr;
  if (content == nullptr || !content->is_string())
    return false;
  out.content = std::string{content->get_string()};
  out.is_error = flag(*fields, "is_error", false);
  out.truncated = flag(*fields, "truncated", false);
  const auto* data = fields->if_contains("data");
  if (data != nullptr && data->is_object())
    out.data = json_text(*data);
  out.artifacts = artifacts_of(fields->if_contains("artifacts"));
  return true;
}

tool_result cut_text(std::string_view kept, std::size_t total_bytes) {
  const auto note = "\n[cut: only the beginning of " + std::to_string(total_bytes)
                    + " bytes is shown; at most " + std::to_string(tool_result_bytes_max)
                    + " are kept]";
  auto text = repaired_utf8(kept);
  auto out = tool_result{};
  out.content = first_bytes(text, tool_result_bytes_max - note.size());
  out.content += note;
  out.truncated = true;
  return out;
}

}  // namespace

std::string call_text(const tool_request& request, std::string_view name) {
  const auto& arguments = request.call.arguments;
  auto out = std::string{"{\"call_id\":"} + json_string(request.call.call_id);
  out += ",\"name\":" + json_string(name);
  out += ",\"arguments\":" + (arguments.empty() ? std::string{"{}"} : arguments);
  out += ",\"run_id\":" + json_string(request.run.value);
  out += ",\"persona_id\":" + json_string(request.persona.value);
  out += ",\"idempotency_key\":" + json_string(request.idempotency_key) + "}";
  return out;
}

tool_result answer_of(std::string_view kept, std::size_t total_bytes) {
  if (total_bytes > kept.size())
    return cut_text(kept, total_bytes);
  auto out = tool_result{};
  auto text = repaired_utf8(kept);
  if (!take_json(text, out))
    out.content = std::move(text);
  return out;
}

std::string tail_of(std::string_view text, std::size_t bytes_max) {
  const auto last = text.find_last_not_of(ascii_blanks);
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (text.size() > bytes_max) {
    text.remove_prefix(text.size() - bytes_max);
    while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xc0u) == 0x80u)
      text.remove_prefix(1);  // the rest of a code point that was cut apart
  }
  const auto first = text.find_first_not_of(ascii_blanks);
  text.remove_prefix(std::min(first, text.size()));
  auto whole = repaired_utf8(text);  // what is repaired grows
  return whole.size() > bytes_max ? tail_of(whole, bytes_max) : whole;
}

}  // namespace persona_runtime
