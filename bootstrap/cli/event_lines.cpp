#include "bootstrap/cli/event_lines.hpp"

#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/tool/redaction.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace persona_runtime::cli {
namespace {

constexpr auto task_rows = std::size_t{3};
constexpr auto result_rows = std::size_t{2};
constexpr auto thought_rows = std::size_t{4};
constexpr auto question_rows = std::size_t{12};
constexpr auto message_rows = std::size_t{4};
constexpr auto calls_shown = std::size_t{64};  // as many as a step may have
constexpr auto files_shown = std::size_t{8};

struct reader {
  event_reading& out;
  const json::object& data;
  std::size_t columns;  // for the text behind the label

  void add(line_tone tone, bool in_step, std::string label, std::vector<std::string> rows) const {
    out.lines.push_back({tone, in_step, std::move(label), std::move(rows)});
  }
  void add_line(line_tone tone, bool in_step, std::string label, std::string_view text) const {
    add(tone, in_step, std::move(label), {cut_to_columns(safe_line(text), columns)});
  }
  /// The beginning of a longer text, and a row on what is missing.
  void add_text(line_tone tone, bool in_step, std::string label, std::string_view text,
                std::size_t rows_max) const {
    auto begin = beginning_of(text, rows_max, columns);
    if (begin.more_lines > 0)
      begin.rows.push_back("… " + count_of(static_cast<double>(begin.more_lines), "more line")
                           + ", " + count_of(static_cast<double>(text.size()), "byte") + " in all");
    add(tone, in_step, std::move(label), std::move(begin.rows));
  }

  [[nodiscard]] std::string text(std::string_view key) const {
    return std::string{text_at(data, key)};
  }
  [[nodiscard]] std::string number(std::string_view key) const {
    const auto value = number_at(data, key);
    return value ? figure(*value) : "?";
  }
};

std::string shown_call(const json::object& call) {
  const auto* args = call.if_contains("args");
  auto text = std::string{text_at(call, "name")} + "(";
  if (args != nullptr && args->is_object()) {
    auto first = true;
    for (const auto& [name, value] : redacted_arguments(json::serialize(*args))) {
      text.append(first ? "" : ", ").append(name).append("=").append(value);
      first = false;
    }
  } else if (args != nullptr) {
    text += json::serialize(*args);
  }
  return text + ")";
}

void read_started(const reader& r) {
  r.out.activity = "starting";
  r.add_text(line_tone::heading, false, "task", text_at(r.data, "task"), task_rows);
}

void read_thinking(const reader& r) {
  r.out.activity = "thinking";
  r.add(line_tone::heading, false, "step " + figure(r.out.step + 1), {});
}

void read_tool_calling(const reader& r) {
  r.out.activity = "running " + cut_to_columns(safe_line(r.text("tool_names")), r.columns / 2);
  const auto* calls = list_at(r.data, "tool_calls");
  if (calls == nullptr)
    return;
  for (std::size_t i = 0; i < std::min(calls->size(), calls_shown); ++i)
    if (const auto* call = (*calls)[i].if_object())
      r.add_line(line_tone::call, true, "call", shown_call(*call));
}

std::string path_of(const json::value& file) {
  if (const auto* name = file.if_string())
    return {name->data(), name->size()};
  const auto* object = file.if_object();
  auto path = std::string{};
  for (const auto* field : {"workspace_path", "path", "name"})
    if (object != nullptr && path.empty())
      path = std::string{text_at(*object, field)};
  return path;
}

/// What a tool made stands in one list or in both.
void add_files(const reader& r) {
  auto paths = std::vector<std::string>{};
  for (const auto* key : {"produced_files", "artifacts"}) {
    const auto* files = list_at(r.data, key);
    for (std::size_t i = 0; files != nullptr && i < std::min(files->size(), files_shown); ++i) {
      auto path = path_of((*files)[i]);
      if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end())
        paths.push_back(std::move(path));
    }
  }
  for (const auto& path : paths)
    r.add_line(line_tone::result, true, "file", path);
}

void read_tool_result(const reader& r) {
  const auto failed = flag_at(r.data, "is_error");
  const auto content = text_at(r.data, "content");
  const auto tone = failed ? line_tone::problem : line_tone::result;
  const auto text = r.text("tool_name") + ": " + (content.empty() ? "(empty)" : "");
  r.add_text(tone, true, failed ? "failed" : "result", text + std::string{content}, result_rows);
  add_files(r);
}

void read_asking_user(const reader& r) {
  r.add_text(line_tone::question, true, "ask", text_at(r.data, "question"), question_rows);
  const auto* options = list_at(r.data, "options");
  auto rows = std::vector<std::string>{};
  for (std::size_t i = 0; options != nullptr && i < std::min(options->size(), files_shown); ++i) {
    const auto* option = (*options)[i].if_object();
    if (option == nullptr)
      continue;
    const auto about = text_at(*option, "description");
    auto row = std::to_string(i + 1) + ". " + std::string{text_at(*option, "label")};
    if (!about.empty())
      row.append(" - ").append(about);
    rows.push_back(cut_to_columns(safe_line(row), r.columns));
  }
  if (!rows.empty())
    r.add(line_tone::question, true, "", std::move(rows));
}

void read_user_responded(const reader& r) {
  r.add_line(line_tone::dim, true, "answer", "received");
}

void read_question_suppressed(const reader& r) {
  const auto why = text_at(r.data, "reason") == "cap" ? "enough has been asked" : "asked before";
  r.add_line(line_tone::dim, true, "not put",
             std::string{why} + ": " + std::string{text_at(r.data, "question")});
}

void read_reasoning(const reader& r) {
  r.add_text(line_tone::dim, true, "thought", text_at(r.data, "content"), thought_rows);
}

void read_compacted(const reader& r) {
  const auto how = flag_at(r.data, "summary")
                     ? "summarised"
                     : "the summary failed, so the oldest part was dropped";
  r.add_line(line_tone::notice, false, "context",
             r.number("messages_before") + " to " + r.number("messages_after") + " messages, "
               + r.number("tokens_before") + " to " + r.number("tokens_after") + " tokens: " + how);
}

void read_fell_over(const reader& r) {
  auto why = r.text("error");
  if (const auto status = number_at(r.data, "status"))
    why += ", HTTP " + figure(*status);
  r.add_line(line_tone::notice, false, "model",
             r.text("from") + " failed (" + why + "), going on with " + r.text("to"));
}

std::string share_of(const json::object& data) {
  const auto limit = number_at(data, "limit");
  const auto used = number_at(data, "used");
  if (!limit || !used || *limit <= 0)
    return {};
  return " (" + figure(std::floor(std::clamp(*used / *limit, 0.0, 9.99) * 100)) + " %)";
}

void read_budget(const reader& r) {
  const auto kind = text_at(r.data, "budget");
  if (kind == "deadline") {
    r.add_line(line_tone::notice, false, "budget", "the deadline has passed");
    return;
  }
  const auto unit = kind == "cost_cents" ? std::string{"cents"} : std::string{kind};
  r.add_line(line_tone::notice, false, "budget",
             r.number("used") + " of " + r.number("limit") + " " + unit + " used" + share_of(r.data)
               + ", " + r.number("reserved") + " reserved");
}

void read_resumed(const reader& r) {
  r.out.activity = "starting";
  const auto from = number_at(r.data, "from_step");
  r.add_line(line_tone::notice, false, "resumed",
             (from ? "at step " + figure(*from + 1) : std::string{"again"}) + " after a "
               + r.text("reason"));
}

void read_cancelled(const reader& r) {
  const auto reason = text_at(r.data, "reason");
  r.add_line(line_tone::notice, false, "cancelled", reason.empty() ? "on request" : reason);
}

void read_max_steps(const reader& r) {
  r.add_line(line_tone::notice, false, "stopped",
             "after " + count_of(r.out.step, "step") + ", the most that was allowed");
}

void read_error(const reader& r) {
  const auto kind = text_at(r.data, "kind");
  const auto message = text_at(r.data, "message");
  // Most messages begin with their kind already.
  const auto text = kind.empty() || message.starts_with(kind)
                      ? std::string{message}
                      : std::string{kind} + ": " + std::string{message};
  r.add_text(line_tone::problem, false, "error", text, message_rows);
}

void read_memory_changed(const reader& r) {
  r.add_line(line_tone::notice, true, r.text("action"), r.text("text"));
}

// What a tool call shows is enough, and how much was recalled says little at a terminal.
void read_nothing(const reader&) {
}

// The answer is shown apart, at the end.
void read_completed(const reader& r) {
  r.out.output = r.text("output");
}

void read_finished(const reader& r) {
  r.out.status = safe_line(text_at(r.data, "status"));
}

void read_other(const reader& r) {
  r.add_line(line_tone::dim, r.out.step >= 0, "event", r.out.type + " " + json::serialize(r.data));
}

struct event_row {
  std::string_view type;
  void (*read)(const reader&);
};

constexpr auto table = std::array<event_row, 21>{{
  {"started", read_started},
  {"thinking", read_thinking},
  {"tool_calling", read_tool_calling},
  {"tool_result", read_tool_result},
  {"memory_recall", read_nothing},
  {"activity_start", read_nothing},
  {"activity_end", read_nothing},
  {"memory_changed", read_memory_changed},
  {"asking_user", read_asking_user},
  {"user_responded", read_user_responded},
  {"question_suppressed", read_question_suppressed},
  {"reasoning", read_reasoning},
  {"compacted", read_compacted},
  {"fell_over", read_fell_over},
  {"budget", read_budget},
  {"resumed", read_resumed},
  {"cancelled", read_cancelled},
  {"max_steps", read_max_steps},
  {"error", read_error},
  {"completed", read_completed},
  {"finished", read_finished},
}};

}  // namespace

event_reading read_event(std::string_view text, std::size_t columns) {
  auto out = event_reading{};
  const auto room = std::max<std::size_t>(columns, 40) - label_columns;
  const auto event = object_of(text);
  if (!event || text_at(*event, "type").empty()) {
    const auto shown = text.substr(0, 4 * room);
    out.lines.push_back({line_tone::problem,
                         false,
                         "unread",
                         {cut_to_columns("no event: " + safe_line(shown), room)}});
    return out;
  }
  out.type = std::string{text_at(*event, "type")};
  out.step = number_at(*event, "step").value_or(-1);
  const auto none = json::object{};
  const auto* data = object_at(*event, "data");
  const auto r = reader{out, data == nullptr ? none : *data, room};
  const auto* row = std::find_if(table.begin(), table.end(),
                                 [&](const event_row& known) { return known.type == out.type; });
  (row == table.end() ? read_other : row->read)(r);
  return out;
}

}  // namespace persona_runtime::cli
