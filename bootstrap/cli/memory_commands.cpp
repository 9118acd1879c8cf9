#include "bootstrap/cli/memory_commands.hpp"

#include "bootstrap/cli/audit_command.hpp"
#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/memory_command.hpp"
#include "bootstrap/persona_file.hpp"
#include "bootstrap/utc_now.hpp"
#include "domain/persona/file_persona.hpp"
#include "providers/store/sqlite_store.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

namespace persona_runtime::cli {
namespace {

/// What the options of all these commands are read into, and where memory is.
struct memory_desk {
  std::function<std::optional<configuration>()> load;
  runs_options server;  // its address is empty: the data directory
  std::optional<std::string> data{};
  memory_options memory{};
  audit_options audit{};
  std::string name{};
  std::uint32_t version = 0;
  bool yes = false;
};
using desk_ptr = std::shared_ptr<memory_desk>;

int on_data(const memory_desk& desk, const std::string& command,
            const std::function<int(memory_access&)>& body) {
  const auto config = desk.load();
  if (!config)
    return exit_failed;
  auto wanted = sqlite_settings{};
  wanted.directory = desk.data.value_or(config->loaded.values.data);
  const auto store = open_sqlite_store(wanted);
  if (!store) {
    std::cerr << command << ": " << store.error().detail
              << "; a server that runs there is reached with --server URL\n";
    return exit_failed;
  }
  return body(*memory_in_store(**store, utc_now()));
}

/// Calls `body` with the memory of the server or of the data directory, whichever was named.
int with_memory(const memory_desk& desk, const std::string& command,
                const std::function<int(memory_access&)>& body) {
  if (desk.server.server.empty())
    return on_data(desk, command, body);
  const auto memory = memory_at_server(desk.server, command, std::cerr);
  return memory ? body(*memory) : exit_usage;
}

void add_place_options(CLI::App& verb, memory_desk& desk) {
  auto* data = verb.add_option("--data", desk.data, "Directory of the journal");
  verb.add_option("--server", desk.server.server, "URL of a server (else the data directory)")
    ->excludes(data);
  verb.add_option("--key-file", desk.server.key_file, "File that holds the server's key");
}

CLI::App* add_verb(CLI::App& verbs, memory_desk& desk, const char* name, const char* help) {
  auto* verb = verbs.add_subcommand(name, help);
  verb->add_option("--persona", desk.memory.persona, "Id of the persona")->required();
  verb->add_option("--owner", desk.memory.owner, "Only talks of this owner");
  verb->add_option("--user", desk.memory.user, "Only talks of this user");
  add_place_options(*verb, desk);
  return verb;
}

void add_looking(CLI::App& verbs, const desk_ptr& desk, int& code) {
  auto* list = add_verb(verbs, *desk, "list", "What is remembered");
  list->add_option("--store", desk->memory.store, "identity | self_facts | worldview | episodic");
  list->add_flag("--all", desk->memory.with_past, "Past and retired versions too");
  list->add_flag("--json", desk->memory.json, "One JSON object a line");
  list->callback([desk, &code] {
    code = with_memory(*desk, "persona memory list", [&](memory_access& memory) {
      return memory_list(memory, desk->memory, std::cout, std::cerr);
    });
  });
  auto* history = add_verb(verbs, *desk, "history", "All versions of one chunk");
  history->add_option("NAME", desk->name, "As `list` shows it")->required();
  history->add_flag("--json", desk->memory.json, "One JSON object a line");
  history->callback([desk, &code] {
    code = with_memory(*desk, "persona memory history", [&](memory_access& memory) {
      return memory_history(memory, desk->memory, desk->name, std::cout, std::cerr);
    });
  });
  auto* copied = add_verb(verbs, *desk, "export", "Everything, as JSON lines");
  copied->callback([desk, &code] {
    code = with_memory(*desk, "persona memory export", [&](memory_access& memory) {
      return memory_export(memory, desk->memory, std::cout, std::cerr);
    });
  });
}

void add_changing(CLI::App& verbs, const desk_ptr& desk, int& code) {
  auto* rollback = add_verb(verbs, *desk, "rollback", "Say again what a version said");
  rollback->add_option("NAME", desk->name, "As `list` shows it")->required();
  rollback->add_option("VERSION", desk->version, "Its number")->required();
  rollback->callback([desk, &code] {
    code = with_memory(*desk, "persona memory rollback", [&](memory_access& memory) {
      return memory_rollback(memory, desk->memory, desk->name, desk->version, std::cout, std::cerr);
    });
  });
  auto* purge = add_verb(verbs, *desk, "purge", "Remove for good");
  purge->add_flag("--yes", desk->yes, "Do it");
  purge->callback([desk, &code] {
    code = with_memory(*desk, "persona memory purge", [&](memory_access& memory) {
      return memory_purge_all(memory, desk->memory, desk->yes, std::cout, std::cerr);
    });
  });
}

/// The persona that a file, or an id, stands for. Empty: told on stderr.
persona_id persona_of(const std::string& named) {
  auto unknown = std::error_code{};
  if (named.starts_with("persona_") && !std::filesystem::exists(named, unknown))
    return {named};
  const auto read = read_persona_file(named);
  if (read) {
    const auto& value = *read->persona.value;
    return id_of_file_persona({value.owner.value_or("local-owner")}, value.id.value_or(""));
  }
  for (const auto& p : read.error().problems)
    std::cerr << describe(p, named) << '\n';
  return {};
}

void add_audit(CLI::App& app, const desk_ptr& desk, int& code) {
  auto* verb = app.add_subcommand("audit", "Who changed a persona's memory, when and why");
  verb->add_option("PERSONA", desk->name, "Persona file (YAML), or the id of a persona")
    ->required();
  add_place_options(*verb, *desk);
  verb->add_option("--since", desk->audit.since, "Only so long ago: 7d, 2h, 30m, 45s");
  verb->add_option("--action", desk->audit.action, "Only this: write, delete, rollback, …");
  verb->add_option("--source", desk->audit.source, "Only of this: user, persona_self, system");
  verb->add_option("--store", desk->audit.store, "Only of this: self_facts, episodic, …");
  verb->add_flag("--json", desk->audit.json, "One JSON object a line");
  verb->callback([desk, &code] {
    desk->audit.persona = persona_of(desk->name);
    code = exit_failed;
    if (desk->audit.persona.value.empty())
      return;
    code = with_memory(*desk, "persona audit", [&](memory_access& memory) {
      return cli::audit(memory, desk->audit, utc_now(), std::cout, std::cerr);
    });
  });
}

}  // namespace

void add_memory_commands(CLI::App& app, std::function<std::optional<configuration>()> load,
                         const runs_options& usual, int& code) {
  auto desk = std::make_shared<memory_desk>(memory_desk{std::move(load), usual});
  desk->server.server.clear();
  auto* memory = app.add_subcommand("memory", "Look into what a persona remembers, and change it");
  memory->require_subcommand(1);
  add_looking(*memory, desk, code);
  add_changing(*memory, desk, code);
  add_audit(app, desk, code);
}

}  // namespace persona_runtime::cli
