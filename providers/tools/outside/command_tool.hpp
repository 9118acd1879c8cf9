#pragma once
// Operator's tools that are programs.

#include "providers/tools/outside/process_runner.hpp"
#include "providers/tools/tool_body.hpp"

#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

enum class sandbox_mode : std::uint8_t {
  strict,  // bubblewrap: own process ids, no network, read-only files except the workspace and a
           // private /tmp, no capabilities, no environment but PATH and LANG
  none,    // an ordinary process of this user, started in the workspace
};

struct command_tool_config {
  std::vector<std::string> argv;  // the program first; no shell
  sandbox_mode sandbox = sandbox_mode::strict;
  /// "NAME=value" for sandbox none; strict ignores it. See tool_environment().
  std::vector<std::string> environment{};
  /// Directories that a strict tool sees empty, such as the server's data with the workspaces of
  /// other personas. Absolute and existing; others are passed over.
  std::vector<std::string> hidden{};
  std::string bubblewrap = "bwrap";  // name or path
};

/// Of `all` ("NAME=value", as in `environ`) what a tool without sandbox is given: PATH, HOME,
/// USER, LOGNAME, SHELL, LANG, LANGUAGE, LC_*, TZ, TMPDIR, XDG_RUNTIME_DIR and proxy and
/// certificate settings. Keys of models must not reach a tool by accident.
[[nodiscard]] std::vector<std::string> tool_environment(const char* const* all);

/// The tool of this definition. The call goes to standard input as JSON (tool_exchange.hpp), exit
/// code 0 makes standard output the result; any other end is an error result with the end of
/// standard error. The definition's time limit is kept here too: then the call ends as an error
/// result after everything was killed. `runner` must outlive the tool's calls. Does not check
/// arguments.
[[nodiscard]] std::shared_ptr<tool_body>
make_command_tool(tool_definition definition, command_tool_config config, process_runner& runner);

/// Whether bubblewrap works on this machine, by trying what a strict tool needs. Failure:
/// validation_error that says what is missing and what to do. Blocks, normally for 20 ms, 10 s at
/// most: for start-up only.
[[nodiscard]] result<void> check_sandbox(process_runner& runner,
                                         const std::string& bubblewrap = "bwrap");

/// Whether a tool can be offered: there is a program, and for sandbox strict check_sandbox().
/// Whether the program exists is seen when it is called. Blocks like check_sandbox().
[[nodiscard]] result<void> command_tool_ready(const command_tool_config& config,
                                              process_runner& runner);

}  // namespace persona_runtime
