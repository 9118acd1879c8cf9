#include "bootstrap/cli/runs_command.hpp"

#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/run_server.hpp"
#include "bootstrap/cli/run_summary.hpp"
#include "bootstrap/cli/run_watcher.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/json_text.hpp"

#include <algorithm>
#include <ostream>

namespace persona_runtime::cli {
namespace {

constexpr auto bad_id = std::string_view{
  "this cannot be the id of a run; ids look like run_01HZX3..., `persona runs list` shows them"};
constexpr auto task_columns = std::size_t{48};

/// The line to the server, or none when something cannot be meant; `code` says what to exit with.
std::optional<run_server> open_for(const runs_options& options, std::string_view command,
                                   std::string_view id, std::ostream& err, int& code) {
  code = exit_usage;
  auto server = run_server::open(options, command, err);
  if (server && !is_run_id(id)) {
    code = server->complain(bad_id, exit_usage);
    return std::nullopt;
  }
  return server;
}

std::string run_path(std::string_view id, std::string_view rest = {}) {
  return "/v1/runs/" + std::string{id} + std::string{rest};
}

void add_cell(std::string& row, std::string_view text, std::size_t columns) {
  const auto cell = cut_to_columns(safe_line(text), columns);
  row.append(cell).append(columns - std::min(columns, columns_of(cell)) + 2, ' ');
}

std::string row_of(std::string_view id, std::string_view status, std::string_view started,
                   std::string_view task) {
  auto row = std::string{};
  add_cell(row, id, 30);
  add_cell(row, status, 17);
  add_cell(row, started.substr(0, 19), 19);
  row += cut_to_columns(safe_line(task), task_columns);
  return row + "\n";
}

/// False: `body` is no list of runs.
bool print_list(std::string_view body, std::ostream& out, std::ostream& err) {
  const auto answer = object_of(body);
  const auto* items = answer ? list_at(*answer, "items") : nullptr;
  if (items == nullptr)
    return false;
  if (items->empty()) {
    err << "There are no runs.\n";
    return true;
  }
  out << row_of("ID", "STATUS", "STARTED (UTC)", "TASK");
  for (const auto& item : *items)
    if (const auto* run = item.if_object())
      out << row_of(text_at(*run, "id"), text_at(*run, "status"), text_at(*run, "started_at"),
                    text_at(*run, "task"));
  if (!text_at(*answer, "next_cursor").empty())
    err << "There are more; these are the newest " << items->size() << ".\n";
  return true;
}

std::string names_of_calls(const json::object& step) {
  auto names = std::string{};
  const auto* calls = list_at(step, "tool_calls");
  for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i)
    if (const auto* call = (*calls)[i].if_object())
      names.append(names.empty() ? "" : ", ").append(text_at(*call, "name"));
  return names;
}

std::string step_line(const json::object& step, std::size_t number) {
  auto text = figure(static_cast<double>(number)) + ". ";
  const auto type = text_at(step, "type");
  text += type;
  const auto content = text_at(step, "content");
  if (type == "tool_call")
    text += ": " + names_of_calls(step);
  else if (type == "ask_user")
    text.append(": ").append(text_at(step, "question"));
  else if (!content.empty())
    text.append(": ").append(content.substr(0, 1024));
  return "  " + cut_to_columns(safe_line(text), 97) + "\n";
}

/// False: `body` is no RunStatus.
bool print_run(std::string_view body, bool colour, std::ostream& out) {
  const auto run = object_of(body);
  if (!run || text_at(*run, "status").empty())
    return false;
  out << "run       " << safe_line(text_at(*run, "id")) << '\n';
  out << "persona   " << safe_line(text_at(*run, "persona_id")) << '\n';
  out << "task      " << safe_line(text_at(*run, "task")) << '\n';
  const auto* steps = list_at(*run, "steps");
  for (std::size_t i = 0; steps != nullptr && i < steps->size(); ++i)
    if (const auto* step = (*steps)[i].if_object())
      out << step_line(*step, i + 1);
  out << summary_lines(body, colour);
  return true;
}

int no_persona_server(const run_server& server) {
  return server.complain(
    "the answer is not what a persona server sends; is --server the right address?", exit_failed);
}

}  // namespace

int runs_list(const runs_options& options, std::ostream& out, std::ostream& err) {
  auto code = 0;
  auto server = run_server::open(options, "persona runs list", err);
  if (!server)
    return exit_usage;
  const auto body = server->body_of(server->request("GET", "/v1/runs"), code);
  if (!body)
    return code;
  if (options.json) {
    out << safe_json(*body) << '\n';
    return 0;
  }
  return print_list(*body, out, err) ? 0 : no_persona_server(*server);
}

int runs_show(const runs_options& options, std::string_view id, std::ostream& out,
              std::ostream& err) {
  auto code = 0;
  auto server = open_for(options, "persona runs show", id, err, code);
  if (!server)
    return code;
  const auto body = server->body_of(server->request("GET", run_path(id)), code);
  if (!body)
    return code;
  if (options.json) {
    out << safe_json(*body) << '\n';
    return 0;
  }
  return print_run(*body, options.style.colour, out) ? 0 : no_persona_server(*server);
}

int runs_watch(const runs_options& options, std::string_view id, std::ostream& out,
               std::ostream& err) {
  auto code = 0;
  auto server = open_for(options, "persona runs watch", id, err, code);
  if (!server)
    return code;
  auto style = options.style;
  style.json = options.json;
  auto printer = event_printer{out, style};
  code = run_watcher{*server, printer, options, id}.watch();
  if (code != 0 || options.json)
    return code;
  auto shown = server->call(server->request("GET", run_path(id)));
  const auto is_known = !shown.is_broken && !shown.is_stopped && shown.status == 200;
  printer.finish(is_known ? std::string_view{shown.body} : std::string_view{});
  return 0;
}

int runs_cancel(const runs_options& options, std::string_view id, std::ostream& out,
                std::ostream& err) {
  auto code = 0;
  auto server = open_for(options, "persona runs cancel", id, err, code);
  if (!server)
    return code;
  const auto body = server->body_of(server->request("POST", run_path(id, "/cancel"), "{}"), code);
  if (!body)
    return code;
  if (options.json)
    out << safe_json(*body) << '\n';
  else
    out << id << ": cancelling\n";
  return 0;
}

int runs_answer(const runs_options& options, std::string_view id, std::string_view text,
                std::ostream& out, std::ostream& err) {
  auto code = 0;
  auto server = open_for(options, "persona runs answer", id, err, code);
  if (!server)
    return code;
  auto json = std::string{};
  json_writer{json}.text("answer", text).close();
  const auto done =
    server->body_of(server->request("POST", run_path(id, "/respond"), std::move(json)), code);
  if (!done)
    return code;
  if (!options.json)
    out << id << ": answered\n";
  return 0;
}

}  // namespace persona_runtime::cli
