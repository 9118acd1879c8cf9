#include "bootstrap/cli/explain_commands.hpp"

#include "bootstrap/cli/explain_message.hpp"
#include "bootstrap/cli/explain_route.hpp"
#include "bootstrap/message_tables_file.hpp"
#include "bootstrap/persona_file.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>

namespace persona_runtime::cli {
namespace {

struct rule_options {
  std::string persona_file;
  std::string message;
  std::string tables = "default";
  std::size_t turn = 0;  // how many exchanges came before
  bool image = false;
  bool jsonl = false;
};

using loader = std::function<std::optional<configuration>()>;

message_tables_ptr tables_of(const configuration& config, const rule_options& options) {
  const auto tables = load_message_tables(config.data.path, options.tables);
  if (tables)
    return *tables;
  std::cerr << "persona: " << tables.error().detail << '\n';
  return nullptr;
}

persona_ptr persona_of(const rule_options& options) {
  const auto loaded = load_persona_file(options.persona_file);
  if (loaded)
    return loaded->value;
  for (const auto& problem : loaded.error().problems)
    std::cerr << describe(problem, options.persona_file) << '\n';
  return nullptr;
}

int run_message(const loader& load, const rule_options& options) {
  const auto config = load();
  const auto tables = config ? tables_of(*config, options) : nullptr;
  if (!tables)
    return 1;
  if (options.jsonl)
    return explain_message_jsonl(*tables, std::cin, std::cout);
  const auto who = persona_of(options);
  return who ? explain_message(*tables, *who, options.message, std::cout) : 1;
}

turn_routing routing_of(const configuration& config, const persona& who) {
  const auto& settings = config.loaded.values.routing;
  return {router_kind_of(settings.router).value_or(router_kind::heuristic), settings.force_frontier,
          who.routing.for_generation};
}

int run_route(const loader& load, const rule_options& options) {
  if (options.jsonl)
    return explain_route_jsonl(std::cin, std::cout);
  const auto config = load();
  const auto tables = config ? tables_of(*config, options) : nullptr;
  const auto who = tables ? persona_of(options) : nullptr;
  if (!who)
    return 1;
  const auto traits = config->catalog.traits();
  const auto asked = route_question{*tables,
                                    *who,
                                    config->models.setup.table.get(),
                                    routing_of(*config, *who),
                                    options.message,
                                    options.turn * 2,
                                    options.image,
                                    &traits};
  return explain_route(asked, std::cout, std::cerr);
}

/// What both have; --persona is needed unless lines are read.
CLI::App* add_common(CLI::App& explain, const std::string& name, const std::string& about,
                     const std::shared_ptr<rule_options>& options) {
  auto* command = explain.add_subcommand(name, about);
  command->add_option("--persona", options->persona_file, "Persona file (YAML)");
  command->add_option("--message", options->message, "What the user says");
  command->add_option("--tables", options->tables, "default, reference, or a file of tables");
  command->add_flag("--jsonl", options->jsonl, "One JSON object per line in, one per line out");
  return command;
}

void check(const rule_options& options) {
  if (!options.jsonl && options.persona_file.empty())
    throw CLI::RequiredError("--persona or --jsonl");
}

}  // namespace

void add_explain_rules(CLI::App& explain, loader load, int& code) {
  auto of_message = std::make_shared<rule_options>();
  add_common(explain, "message", "How a message is judged", of_message)
    ->callback([of_message, load, &code] {
      check(*of_message);
      code = run_message(load, *of_message);
    });
  auto of_route = std::make_shared<rule_options>();
  auto* route =
    add_common(explain, "route", "Which tier and model a turn would get, and why", of_route);
  route->add_option("--turn", of_route->turn, "How many turns came before")
    ->check(CLI::Range(0, 1'000'000));
  route->add_flag("--image", of_route->image, "The message carries an image");
  route->callback([of_route, load, &code] {
    check(*of_route);
    code = run_route(load, *of_route);
  });
}

}  // namespace persona_runtime::cli
