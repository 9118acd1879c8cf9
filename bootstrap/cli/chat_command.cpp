#include "bootstrap/cli/chat_command.hpp"

#include "api/http_server.hpp"
#include "bootstrap/assembly/assembly.hpp"
#include "bootstrap/cli/chat_persona.hpp"
#include "bootstrap/cli/chat_session.hpp"
#include "bootstrap/cli/process_log.hpp"
#include "bootstrap/cli/signals.hpp"
#include "bootstrap/cli/skill_consents.hpp"
#include "bootstrap/persona_file.hpp"
#include "bootstrap/random_bytes.hpp"
#include "bootstrap/utc_now.hpp"
#include "domain/persona/file_persona.hpp"
#include "domain/text/sha256.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <unistd.h>

namespace persona_runtime::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto command_name = "persona chat";
constexpr auto local_owner = "local-owner";
constexpr auto last_work = 2s;  // titles and summaries behind the last turn

int complain(std::ostream& err, const std::string& text) {
  err << command_name << ": " << text << '\n';
  return exit_failed;
}

std::optional<persona_source> document(const std::string& file, std::ostream& err) {
  auto read = read_persona_file(file);
  if (read)
    return std::move(*read);
  for (const auto& p : read.error().problems)
    err << describe(p, file) << '\n';
  return std::nullopt;
}

/// ~/.local/state/persona/chat_history, or where XDG_STATE_HOME says; empty: nowhere.
std::string history_file() {
  const auto* state = std::getenv("XDG_STATE_HOME");
  const auto* home = std::getenv("HOME");
  if (state != nullptr && *state == '/')
    return std::string{state} + "/persona/chat_history";
  if (home != nullptr && *home == '/')
    return std::string{home} + "/.local/state/persona/chat_history";
  return {};
}

int talk(const runs_options& server, const chat_place& where, const signal_gate& signals,
         std::ostream& out, std::ostream& err) {
  auto main_line = run_server::open(server, command_name, err);
  auto side_line = run_server::open(server, command_name, err);
  if (!main_line || !side_line)
    return exit_usage;
  const auto interrupted = [&signals] { return signals.wait_for(0ms) != 0; };
  const auto is_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  auto lines = is_terminal ? make_line_editor(history_file()) : nullptr;
  const auto is_interactive = lines != nullptr;
  if (lines == nullptr)
    lines = make_plain_lines(STDIN_FILENO, interrupted);
  if (is_interactive && !where.persona.empty())
    ask_about_skills(*main_line, where.persona, *lines, out);
  auto view = chat_view{out, {server.style.colour, server.style.width}};
  return chat_session{*main_line, *side_line, where, {*lines, view, interrupted, is_interactive}}
    .run();
}

int chat_at_server(const chat_options& options, const signal_gate& signals, std::ostream& out,
                   std::ostream& err) {
  auto where = chat_place{{}, options.conversation};
  auto failed = std::error_code{};
  const auto is_id = options.persona.starts_with("persona_") && is_run_id(options.persona)
                     && !std::filesystem::exists(options.persona, failed);
  if (is_id) {
    where.persona = options.persona;
  } else if (!options.persona.empty()) {
    const auto source = document(options.persona, err);
    if (!source)
      return exit_failed;
    auto server = run_server::open(options.server, command_name, err);
    if (!server)
      return exit_usage;
    auto code = 0;
    // Without the id that its file's name would give it: the server does not know that.
    const auto parsed = parse_persona(source->text);
    const auto id = persona_at(*server, source->text, parsed->value, code);
    if (!id)
      return code;
    where.persona = *id;
  }
  return talk(options.server, where, signals, out, err);
}

/// 40 hex digits that nobody else knows.
std::string fresh_key() {
  auto out = std::string{};
  for (auto i = 0; i < 2; ++i) {
    for (const auto byte : random_bytes()) {
      constexpr auto digits = "0123456789abcdef";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

/// Nobody but this process may use the port: others on this machine have no key.
api_settings own_settings(const std::string& key) {
  auto out = api_settings{};
  out.keys.push_back({"chat", sha256_text(key), {local_owner}, true});
  return out;
}

int chat_here(const chat_options& options, const configuration& config, const signal_gate& signals,
              std::ostream& out, std::ostream& err) {
  auto source = std::optional<persona_source>{};
  if (!options.persona.empty()) {
    source = document(options.persona, err);
    if (!source)
      return exit_failed;
  }
  const auto log = open_process_log(config, options.log_level, log_level::error);
  if (!log)
    return complain(err, log.error().detail);
  auto wanted = assembly_options{};
  wanted.rehearsal = true;
  wanted.data = options.data;
  wanted.log = *log;
  auto made = assembly::make(config, wanted);
  if (!made && made.error().code == errc::journal_unavailable)
    return complain(err, made.error().detail
                           + "; a server that runs there is reached with --server URL");
  if (!made)
    return complain(err, made.error().detail);
  auto& parts = **made;
  for (const auto& notice : parts.notices()) {
    if (notice.is_warning)
      err << "warning: " << notice.text << '\n';
  }
  auto where = chat_place{{}, options.conversation};
  if (source) {
    const auto& value = *source->persona.value;
    const auto owner = owner_id{value.owner.value_or(local_owner)};
    const auto id = id_of_file_persona(owner, value.id.value_or(""));
    const auto kept = parts.host().keep_persona(id, owner, std::move(source->text));
    if (!kept)
      return complain(err, kept.error().detail);
    where.persona = id.value;
  }
  const auto key = fresh_key();
  auto server =
    http_server{parts.contexts(), own_settings(key), parts.host().service(), utc_now, {*log, {}}};
  if (const auto bound = server.listen("127.0.0.1:0"); !bound)
    return complain(err, bound.error().detail);
  auto reached = options.server;
  reached.server = "http://" + server.bound_address();
  reached.key = key;
  reached.key_file.clear();
  const auto code = talk(reached, where, signals, out, err);
  static_cast<void>(parts.host().drain(last_work));
  server.stop_accepting();
  server.close_all();
  return code;
}

}  // namespace

int chat(const chat_options& options, const std::function<std::optional<configuration>()>& load,
         std::ostream& out, std::ostream& err) {
  if (!options.conversation.empty() && !is_run_id(options.conversation)) {
    complain(err, "--conversation: not an id of a conversation");
    return exit_usage;
  }
  const auto signals = signal_gate{SIGINT};
  if (options.uses_server)
    return chat_at_server(options, signals, out, err);
  const auto config = load();
  return config ? chat_here(options, *config, signals, out, err) : exit_failed;
}

}  // namespace persona_runtime::cli
