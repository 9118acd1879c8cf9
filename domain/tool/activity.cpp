#include "domain/tool/activity.hpp"

#include "domain/event/json_parts.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/tool/kinds.hpp"
#include "domain/tool/redaction.hpp"

#include <array>
#include <utility>

namespace persona_runtime {
namespace {

constexpr std::size_t summary_characters_max = 120;

std::string result_summary_of(std::string_view content) {
  const auto shown = first_characters(content, summary_characters_max);
  return std::string{shown}.append(shown.size() < content.size() ? "…" : "");
}

}  // namespace

std::string_view name_of(activity_status s) {
  constexpr auto names =
    std::array<std::string_view, 4>{"ok", "error", "denied", "awaiting_approval"};
  return names.at(static_cast<std::size_t>(s));
}

activity_start start_of(const tool_call& call, std::string id) {
  return {std::move(id), std::string{activity_kind(call.name)}, call.name,
          activity_label(call.name), redacted_arguments(call.arguments)};
}

activity_end end_of(std::string id, const tool_result& result, double duration_ms) {
  return {std::move(id), result.is_error ? activity_status::error : activity_status::ok,
          duration_ms, result.is_error, result_summary_of(result.content)};
}

activity_end failed_end_of(std::string id, activity_status status, std::string_view type,
                           std::string_view message, double duration_ms) {
  const auto summary = std::string{type}.append(": ").append(message);
  return {std::move(id), status, duration_ms, true,
          std::string{first_characters(summary, summary_characters_max)}};
}

void write_fields(json_writer& o, const activity_start& a) {
  o.text("activity_id", a.activity_id).text("kind", a.kind).text("name", a.name);
  o.text("label", a.label);
  append_text_map(o.key("args_summary"), a.args_summary);
}

void write_fields(json_writer& o, const activity_end& a) {
  o.text("activity_id", a.activity_id).text("status", name_of(a.status));
  o.number("duration_ms", a.duration_ms).flag("is_error", a.is_error);
  if (!a.result_summary.empty())
    o.text("result_summary", a.result_summary);
}

void append_activity(std::string& out, const activity_start& a) {
  auto o = json_writer{out};
  write_fields(o, a);
  o.close();
}

void append_activity(std::string& out, const activity_end& a) {
  auto o = json_writer{out};
  write_fields(o, a);
  o.close();
}

}  // namespace persona_runtime
