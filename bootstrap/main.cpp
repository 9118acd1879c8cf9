// The program `persona`: reads the command line and calls one command.

#include "bootstrap/cli/chat_command.hpp"
#include "bootstrap/cli/config.hpp"
#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/explain_commands.hpp"
#include "bootstrap/cli/explain_prompt.hpp"
#include "bootstrap/cli/explain_tokens.hpp"
#include "bootstrap/cli/init_command.hpp"
#include "bootstrap/cli/memory_commands.hpp"
#include "bootstrap/cli/run_command.hpp"
#include "bootstrap/cli/runs_command.hpp"
#include "bootstrap/cli/serve_command.hpp"
#include "bootstrap/cli/simulate_command.hpp"
#include "bootstrap/cli/validate.hpp"
#include "bootstrap/persona_file.hpp"
#include "bootstrap/settings/units.hpp"
#include "bootstrap/version.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <limits>
#include <sstream>
#include <unistd.h>

extern char** environ;

namespace persona_runtime::cli {
namespace {

/// What the options of all commands are read into.
struct arguments {
  std::string config_file;
  std::string log_level;
  run_options run;
  std::string deadline;
  serve_options serve;
  simulate_options simulate;
  std::vector<std::string> files;
  runs_options runs;
  chat_options chat;
  init_options init;
  std::string id;
  std::string text;
  bool jsonl = false;
  bool json = false;
  std::string help_of;
};

std::optional<configuration> load(const arguments& args) {
  auto request = configuration_request{};
  if (!args.config_file.empty())
    request.file = args.config_file;
  request.env = environment_of(environ);
  request.program = running_program();
  auto loaded = load_configuration(request);
  if (!loaded) {
    std::cerr << "persona: " << loaded.error().detail << '\n';
    return std::nullopt;
  }
  return std::move(*loaded);
}

/// Loads the configuration and stops when anything in it is wrong.
std::optional<configuration> load_sound(const arguments& args) {
  auto config = load(args);
  if (!config)
    return std::nullopt;
  const auto problems = config->problems();
  for (const auto& problem : problems)
    std::cerr << describe(problem) << '\n';
  if (!problems.empty())
    return std::nullopt;
  return config;
}

int with_config(const arguments& args, const std::function<int(const configuration&)>& command) {
  const auto config = load_sound(args);
  return config ? command(*config) : 1;
}

int explain_tokens_command(const arguments& args) {
  const auto config = load(args);
  if (!config)
    return 1;
  const auto counter = load_tokenizer(config->data.path);
  if (!counter) {
    std::cerr << "persona: " << counter.error().detail << '\n';
    return 1;
  }
  if (args.jsonl)
    return explain_tokens_jsonl(**counter, std::cin, std::cout);
  if (args.text.empty())
    return explain_tokens(**counter, std::cin, std::cout, std::cerr);
  auto text = std::istringstream{args.text};
  return explain_tokens(**counter, text, std::cout, std::cerr);
}

int explain_prompt_command(const arguments& args) {
  const auto config = load(args);
  if (!config)
    return 1;
  const auto counter = load_tokenizer(config->data.path);
  const auto texts = load_prompts(config->data.path);
  if (!counter || !texts) {
    std::cerr << "persona: " << (counter ? texts.error() : counter.error()).detail << '\n';
    return 1;
  }
  const auto explainer = prompt_explainer{**counter, *texts};
  if (args.jsonl)
    return explain_prompt_jsonl(explainer, std::cin, std::cout);
  const auto loaded = load_persona_file(args.run.persona_file);
  if (loaded)
    return explain_prompt(explainer, *loaded->value, args.text, std::cout);
  for (const auto& problem : loaded.error().problems)
    std::cerr << describe(problem, args.run.persona_file) << '\n';
  return 1;
}

void add_run(CLI::App& app, arguments& args, int& code) {
  auto* run = app.add_subcommand("run", "Carry out one task in this process and show every step");
  run->add_option("--persona", args.run.persona_file, "Persona file (YAML)")->required();
  run->add_option("--task", args.run.task, "What is to be done")->required();
  run->add_option("--data", args.run.data, "Keep the journal in this directory (else in memory)");
  run->add_option("--answer", args.run.answers, "Answer to a question; may be repeated")
    ->allow_extra_args(false);
  run->add_flag("--no-questions", args.run.no_questions, "Nobody answers questions");
  run->add_flag("--json", args.run.json, "Print each event as one JSON line");
  run->add_option("--max-steps", args.run.max_steps, "At most so many steps");
  constexpr auto tokens_most = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  run->add_option("--max-tokens", args.run.max_tokens, "At most so many tokens, prompts included")
    ->check(CLI::Range(std::uint64_t{1}, tokens_most));
  run->add_option("--max-cost-cents", args.run.max_cost_cents, "At most so many US cents");
  run->add_option("--deadline", args.deadline, "End after this time, e.g. 90s or 5m");
  run->callback([&] {
    if (!args.deadline.empty()) {
      const auto limit = parse_duration(args.deadline);
      if (!limit || limit->count() <= 0)
        throw CLI::ValidationError("--deadline", "must be a time such as 90s or 5m");
      args.run.deadline_s = std::chrono::duration<double>(*limit).count();
    }
    code = with_config(args, [&](const configuration& config) {
      args.run.log_level = args.log_level;
      return cli::run(config, args.run, std::cout, std::cerr);
    });
  });
}

void add_serve(CLI::App& app, arguments& args, int& code) {
  auto* serve = app.add_subcommand("serve", "Serve the HTTP API until SIGTERM");
  serve->add_option("--listen", args.serve.listen, "ADDR:PORT; port 0 picks a free one");
  serve->add_option("--data", args.serve.data, "Directory of the journal and the workspaces");
  serve->add_flag("--rehearsal", args.serve.rehearsal,
                  "Play every tier that has no model with the embedded stand-in");
  serve->callback([&] {
    code = with_config(args, [&](const configuration& config) {
      args.serve.log_level = args.log_level;
      return cli::serve(config, args.serve, std::cout, std::cerr);
    });
  });
}

void add_simulate_model(CLI::App& app, arguments& args, int& code) {
  auto* simulate = app.add_subcommand(
    "simulate-model", "Serve a model that is none: OpenAI's, Anthropic's and Ollama's chat");
  auto& how = args.simulate.how;
  simulate->add_option("--listen", args.simulate.listen, "ADDR:PORT; port 0 picks a free one")
    ->capture_default_str();
  const auto wait = [simulate](const char* flag, std::chrono::milliseconds& to, const char* help) {
    simulate->add_option_function<std::string>(
      flag,
      [flag, &to](const std::string& text) {
        const auto length = parse_duration(text);
        if (!length || *length > simulated_wait_max)
          throw CLI::ValidationError(flag, "must be a time such as 300ms, at most 10m");
        to = *length;
      },
      help);
  };
  wait("--first-token", how.first_token, "Before an answer begins, e.g. 300ms");
  wait("--between-tokens", how.between_tokens, "Between two tokens, e.g. 20ms");
  simulate
    ->add_option("--tokens", how.tokens,
                 "Repeat the text until it has so many tokens (0: as it is)")
    ->check(CLI::Range(std::uint32_t{0}, simulated_tokens_max));
  simulate->add_option("--say", how.text, "What it says (else the last message again)");
  simulate
    ->add_option("--tool-rounds", how.tool_rounds, "Calls of offered tools before it says anything")
    ->check(CLI::Range(std::uint32_t{0}, simulated_rounds_max))
    ->capture_default_str();
  simulate->callback([&] { code = simulate_model(args.simulate, std::cout, std::cerr); });
}

CLI::App* add_runs_verb(CLI::App& runs, arguments& args, const char* name, const char* help) {
  auto* verb = runs.add_subcommand(name, help);
  verb->add_option("--server", args.runs.server, "URL of the server")->capture_default_str();
  verb->add_option("--key-file", args.runs.key_file, "File that holds the key");
  verb->add_flag("--json", args.runs.json, "Print what the server sends");
  return verb;
}

void add_runs(CLI::App& app, arguments& args, int& code) {
  auto* runs = app.add_subcommand("runs", "Look at and steer the runs of a server");
  runs->require_subcommand(1);
  args.runs.style = style_for(STDOUT_FILENO, std::getenv("TERM"), std::getenv("NO_COLOR"));
  if (const auto* key = std::getenv("PERSONA_SERVER_KEY"))
    args.runs.key = key;
  auto* list = add_runs_verb(*runs, args, "list", "List runs, newest first");
  list->callback([&] { code = runs_list(args.runs, std::cout, std::cerr); });
  auto* show = add_runs_verb(*runs, args, "show", "Show one run");
  show->add_option("ID", args.id)->required();
  show->callback([&] { code = runs_show(args.runs, args.id, std::cout, std::cerr); });
  auto* watch = add_runs_verb(*runs, args, "watch", "Follow a run's events to its end");
  watch->add_option("ID", args.id)->required();
  watch->callback([&] { code = runs_watch(args.runs, args.id, std::cout, std::cerr); });
  auto* cancel = add_runs_verb(*runs, args, "cancel", "Cancel a run");
  cancel->add_option("ID", args.id)->required();
  cancel->callback([&] { code = runs_cancel(args.runs, args.id, std::cout, std::cerr); });
  auto* answer = add_runs_verb(*runs, args, "answer", "Answer a run's question");
  answer->add_option("ID", args.id)->required();
  answer->add_option("TEXT", args.text)->required();
  answer->callback(
    [&] { code = runs_answer(args.runs, args.id, args.text, std::cout, std::cerr); });
}

void add_chat(CLI::App& app, arguments& args, int& code) {
  auto* chat = app.add_subcommand("chat", "Talk with a persona; what was said is kept");
  chat->add_option("--persona", args.chat.persona, "Persona file (YAML), or the id of a persona");
  chat->add_option("--conversation", args.chat.conversation, "Go on with this one");
  chat->add_option("--data", args.chat.data, "Directory of the journal (else the configured one)");
  auto* server =
    chat->add_option("--server", args.chat.server.server, "URL of a server (else in this process)");
  chat->add_option("--key-file", args.chat.server.key_file, "File that holds the server's key");
  chat->callback([&args, &code, server] {
    if (args.chat.persona.empty() && args.chat.conversation.empty())
      throw CLI::RequiredError("--persona");
    args.chat.uses_server = server->count() > 0;
    args.chat.server.key = args.runs.key;
    args.chat.server.style = args.runs.style;
    args.chat.log_level = args.log_level;
    code = cli::chat(
      args.chat, [&args] { return load_sound(args); }, std::cout, std::cerr);
  });
}

void add_init(CLI::App& app, arguments& args, int& code) {
  auto* init = app.add_subcommand("init", "Ask for a persona and write its file");
  init->add_option("--output", args.init.output, "The file; - for standard output");
  init->add_option("--id", args.init.id, "persona_id");
  init->add_option("--name", args.init.name, "Its name");
  init->add_option("--role", args.init.role, "What it is");
  init->add_option("--background", args.init.background, "What it has done, and how it works");
  init->add_option("--language", args.init.language, "Its language, such as en or nb");
  const auto repeated = [init](const char* flag, std::vector<std::string>& to, const char* help) {
    init->add_option(flag, to, help)->allow_extra_args(false);
  };
  repeated("--constraint", args.init.constraints, "What it must not do; may be repeated");
  repeated("--tool", args.init.tools, "A tool that it may use; may be repeated");
  repeated("--skill", args.init.skills, "A skill that it has; may be repeated");
  init->add_flag("--force", args.init.force, "Replace the file if there is one");
  init->add_option("--from", args.text, "(not supported: a model would have to write it)");
  init->callback([&] {
    if (!args.text.empty())
      throw CLI::ValidationError("--from", "is not supported here; answer the questions instead");
    code = init_persona(args.init, std::cin, std::cout, std::cerr);
  });
}

void add_rest(CLI::App& app, arguments& args, int& code) {
  auto* validate = app.add_subcommand("validate", "Check persona files");
  validate->add_option("FILE", args.files, "Persona files")->required();
  validate->callback([&] { code = validate_files(args.files, std::cout, std::cerr); });

  auto* config = app.add_subcommand("config", "Explain or check the configuration");
  config->require_subcommand(1);
  config->add_subcommand("explain", "Every key: value, where from, range, meaning")->callback([&] {
    const auto loaded = load(args);
    code = loaded ? explain_config(*loaded, std::cout, std::cerr) : 1;
  });
  config->add_subcommand("check", "Look for mistakes; 0 when there are none")->callback([&] {
    const auto loaded = load(args);
    code = loaded ? check_config(*loaded, std::cout, std::cerr) : 1;
  });

  auto* explain = app.add_subcommand("explain", "The pure rules made visible");
  explain->require_subcommand(1);
  auto* tokens = explain->add_subcommand("tokens", "What a text costs (standard input, or --text)");
  tokens->add_option("--text", args.text, "The text");
  tokens->add_flag("--jsonl", args.jsonl, "One JSON object per line in, one per line out");
  tokens->callback([&] { code = explain_tokens_command(args); });

  add_explain_rules(
    *explain, [&args] { return load(args); }, code);
  auto* prompt = explain->add_subcommand("prompt", "What the model would see");
  auto* of_persona = prompt->add_option("--persona", args.run.persona_file, "Persona file (YAML)");
  prompt->add_option("--message", args.text, "What the user says");
  prompt->add_flag("--jsonl", args.jsonl, "One JSON object per line in, one per line out");
  prompt->callback([&args, &code, of_persona] {
    if (!args.jsonl && of_persona->empty())
      throw CLI::RequiredError("--persona or --jsonl");
    code = explain_prompt_command(args);
  });

  app.add_subcommand("version", "Print the version")->callback([&] {
    std::cout << "persona " << version << '\n';
  });
  auto* help = app.add_subcommand("help", "Help on a command");
  help->add_option("COMMAND", args.help_of);
  help->callback([&] {
    if (args.help_of.empty()) {
      std::cout << app.help();
      return;
    }
    const auto found = app.get_subcommands(
      [&](const CLI::App* command) { return command->get_name() == args.help_of; });
    if (found.empty()) {
      std::cerr << "persona help: there is no command " << args.help_of << '\n';
      code = exit_usage;
      return;
    }
    std::cout << found.front()->help();
  });
}

int main_of(int argc, char** argv) {
  auto app = CLI::App{"persona: hosts AI personas and the tasks that they carry out", "persona"};
  auto args = arguments{};
  auto code = 0;
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", std::string{"persona "} + version);
  app.add_option("--config", args.config_file, "Configuration file (runtime.yaml)");
  app
    .add_option("--log-level", args.log_level,
                "trace | debug | info | warning | error | critical | off")
    ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}));
  add_run(app, args, code);
  add_serve(app, args, code);
  add_simulate_model(app, args, code);
  add_runs(app, args, code);
  add_memory_commands(
    app, [&args] { return load_sound(args); }, args.runs, code);
  add_chat(app, args, code);
  add_init(app, args, code);
  add_rest(app, args, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e, std::cout, std::cerr) == 0 ? 0 : exit_usage;
  }
  return code;
}

}  // namespace
}  // namespace persona_runtime::cli

int main(int argc, char** argv) {
  try {
    return persona_runtime::cli::main_of(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "persona: " << e.what() << '\n';
    return 1;
  }
}
