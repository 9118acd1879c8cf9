#include "providers/tools/outside/spawn.hpp"

#include "providers/tools/outside/guard_protocol.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace persona_runtime {
namespace {

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

/// Moves a descriptor out of the numbers that the guard's are given by dup2.
unique_fd lifted(int fd) {
  const auto first = unique_fd{fd};
  return unique_fd{::fcntl(first.get(), F_DUPFD_CLOEXEC, guard_image_fd + 1)};
}

bool open_pipe(pipe_ends& out) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return false;
  out.read = lifted(ends[0]);
  out.write = lifted(ends[1]);
  return out.read && out.write;
}

struct pipes {
  pipe_ends input, output, errors, lifeline, status;
  bool open() {
    return open_pipe(input) && open_pipe(output) && open_pipe(errors) && open_pipe(lifeline)
           && open_pipe(status);
  }
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  auto out = std::vector<char*>{};
  out.reserve(texts.size() + 1);
  for (const auto& text : texts)
    out.push_back(const_cast<char*>(text.c_str()));  // exec's signature; it writes nothing
  out.push_back(nullptr);
  return out;
}

/// posix_spawn's two parameter objects, freed on every way out.
struct spawn_parameters {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = 0;

  spawn_parameters() {
    note(::posix_spawn_file_actions_init(&actions));
    note(::posix_spawnattr_init(&attributes));
  }
  ~spawn_parameters() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  spawn_parameters(const spawn_parameters&) = delete;
  spawn_parameters& operator=(const spawn_parameters&) = delete;

  void note(int result) {
    if (error == 0)
      error = result;
  }

  void give(int fd, int as) { note(::posix_spawn_file_actions_adddup2(&actions, fd, as)); }

  void give_all(const pipes& p, int image) {
    give(p.input.read.get(), STDIN_FILENO);
    give(p.output.write.get(), STDOUT_FILENO);
    give(p.errors.write.get(), STDERR_FILENO);
    give(p.lifeline.read.get(), guard_lifeline_fd);
    give(p.status.write.get(), guard_status_fd);
    give(image, guard_image_fd);
    // Sockets of libraries that do not know close-on-exec must not live on in a tool.
    note(::posix_spawn_file_actions_addclosefrom_np(&actions, guard_image_fd + 1));
  }

  /// What this process or its thread ignores or blocks is none of a tool's business.
  void reset_signals() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    note(::posix_spawnattr_setsigmask(&attributes, &none));
    note(::posix_spawnattr_setsigdefault(&attributes, &all));
    note(::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
};

failure cannot_start(std::string_view what, int error) {
  return {errc::internal_error, std::string{what} + ": " + std::generic_category().message(error)};
}

}  // namespace

result<spawned_process> spawn_guarded(int image, const std::string& directory,
                                      const std::vector<std::string>& argv,
                                      const std::vector<std::string>& environment) {
  auto p = pipes{};
  if (!p.open())
    return cannot_start("no pipes for a new process", errno);
  auto with = spawn_parameters{};
  with.give_all(p, image);
  with.reset_signals();
  auto arguments = std::vector<std::string>{"persona-tool-guard", directory};
  arguments.insert(arguments.end(), argv.begin(), argv.end());
  const auto program = "/proc/self/fd/" + std::to_string(guard_image_fd);
  pid_t guard = -1;
  if (with.error == 0) {
    with.note(::posix_spawn(&guard, program.c_str(), &with.actions, &with.attributes,
                            pointers(arguments).data(), pointers(environment).data()));
  }
  if (with.error != 0)
    return cannot_start("no new process", with.error);
  return spawned_process{.guard = guard,
                         .input = std::move(p.input.write),
                         .output = std::move(p.output.read),
                         .errors = std::move(p.errors.read),
                         .lifeline = std::move(p.lifeline.write),
                         .status = std::move(p.status.read)};
}

}  // namespace persona_runtime
