#include "providers/tools/outside/sandbox.hpp"

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>
#include <initializer_list>
#include <string_view>

namespace persona_runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto trial_time_max = 5s;

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [text](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_directory(const std::string& path) {
  auto ignored = std::error_code{};
  return !path.empty() && path.front() == '/' && std::filesystem::is_directory(path, ignored);
}

void add(std::vector<std::string>& out, std::initializer_list<std::string_view> words) {
  out.insert(out.end(), words.begin(), words.end());
}

/// In this order: what comes later covers what came before, so a workspace below a hidden
/// directory or below /tmp is seen.
void add_files(std::vector<std::string>& out, const command_tool_config& config,
               const std::string& workspace) {
  add(out, {"--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"});
  // Sockets of other programs (databases, container daemons) are a network too.
  if (is_directory("/run"))
    add(out, {"--tmpfs", "/run"});
  for (const auto& path : config.hidden) {
    if (is_directory(path))
      add(out, {"--tmpfs", path});
  }
  if (!workspace.empty())
    add(out, {"--bind", workspace, workspace});
  add(out, {"--chdir", workspace.empty() ? std::string_view{"/tmp"} : workspace});
}

std::string advice(const std::string& errors) {
  const auto detail = errors.empty() ? std::string{} : " (" + errors + ")";
  return "bubblewrap does not work here" + detail
         + ". It needs user namespaces, which containers often forbid: allow them (sysctl "
           "kernel.unprivileged_userns_clone=1; for containers a seccomp profile that permits "
           "unshare and mount), or set `sandbox: none` for tools that you trust";
}

std::string first_line(std::string_view text) {
  return std::string{text.substr(0, std::min<std::size_t>(text.find('\n'), 200))};
}

result<void> verdict_on(const process_outcome& trial) {
  switch (trial.how) {
  case process_ending::exited:
    if (trial.value == 0)
      return {};
    return failure{errc::validation_error, advice(first_line(trial.errors))};
  case process_ending::not_started:
    return failure{errc::validation_error,
                   "bubblewrap, which `sandbox: strict` needs, cannot be used (" + trial.detail
                     + "). Install it (apt-get install bubblewrap), or set `sandbox: none` for "
                       "tools that you trust"};
  default:
    return failure{errc::validation_error, advice(trial.detail)};
  }
}

}  // namespace

std::vector<std::string> tool_environment(const char* const* all) {
  auto out = std::vector<std::string>{};
  for (; all != nullptr && *all != nullptr; ++all) {
    if (begins_with_any(
          *all, {"PATH=", "HOME=", "USER=", "LOGNAME=", "SHELL=", "LANG=", "LANGUAGE=", "LC_",
                 "TZ=", "TMPDIR=", "XDG_RUNTIME_DIR=", "http_proxy=", "https_proxy=", "no_proxy=",
                 "HTTP_PROXY=", "HTTPS_PROXY=", "NO_PROXY=", "SSL_CERT_FILE=", "SSL_CERT_DIR="}))
      out.emplace_back(*all);
  }
  return out;
}

std::vector<std::string> sandboxed_argv(const command_tool_config& config,
                                        const std::string& workspace) {
  if (config.sandbox == sandbox_mode::none)
    return config.argv;
  auto out = std::vector<std::string>{config.bubblewrap};
  add(out, {"--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"});
  add_files(out, config, workspace);
  add(out, {"--"});
  out.insert(out.end(), config.argv.begin(), config.argv.end());
  return out;
}

std::vector<std::string> sandboxed_environment(const command_tool_config& config) {
  if (config.sandbox == sandbox_mode::none)
    return config.environment;
  return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
}

result<void> check_sandbox(process_runner& runner, const std::string& bubblewrap) {
  const auto trial = command_tool_config{.argv = {"/bin/true"}, .bubblewrap = bubblewrap};
  auto ended = std::make_shared<std::promise<process_outcome>>();
  auto outcome = ended->get_future();
  const auto call = runner.start({.argv = sandboxed_argv(trial, {}),
                                  .environment = sandboxed_environment(trial),
                                  .timeout = trial_time_max},
                                 [ended](process_outcome o) { ended->set_value(std::move(o)); });
  if (outcome.wait_for(2 * trial_time_max) != std::future_status::ready) {
    call->cancel();
    return failure{errc::validation_error, advice("no answer")};
  }
  return verdict_on(outcome.get());
}

result<void> command_tool_ready(const command_tool_config& config, process_runner& runner) {
  if (config.argv.empty() || config.argv.front().empty())
    return failure{errc::validation_error,
                   "a command tool needs a program: command: [PROGRAM, ARGUMENT, ...]"};
  if (config.sandbox == sandbox_mode::none)
    return {};
  return check_sandbox(runner, config.bubblewrap);
}

}  // namespace persona_runtime
