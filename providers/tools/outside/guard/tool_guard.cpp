// The guard: a small process between the runtime and one command tool. It starts the tool, waits
// for its end or for the word to stop, and leaves nothing of it alive, however often the tool's
// children have forked and called setsid: it is a child subreaper, so orphans become its own.
//
// Usage: guard DIRECTORY PROGRAM [ARGUMENT...], with the descriptors of guard_protocol.hpp.
//
// A process of its own because the runtime cannot be a subreaper (it would inherit the orphans of
// everything else in its process), and because the runtime may be killed: the kernel then closes
// the other end of the lifeline. A parent-death signal would not do for that: it also comes when
// only the thread that started the guard ends.

#include "providers/tools/outside/guard_protocol.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

// NOLINTBEGIN(concurrency-mt-unsafe): the guard has one thread
namespace {

using persona_runtime::guard_event;
using persona_runtime::guard_image_fd;
using persona_runtime::guard_lifeline_fd;
using persona_runtime::guard_record;
using persona_runtime::guard_status_fd;

constexpr int stop_passes_max = 10;
constexpr long kill_ms_max = 10'000;  // then what is left is stuck in the kernel or not ours
constexpr int kill_pause_ms = 20;

void report(guard_event event, int value) {
  const guard_record record{event, value};
  // A pipe takes 8 bytes whole or not at all; without a reader nobody wants to know.
  [[maybe_unused]] const auto written = write(guard_status_fd, &record, sizeof record);
}

long now_ms() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

struct process {
  pid_t pid;
  pid_t parent;
  char state;
  bool ours;
};

std::array<process, 32'768> processes;  // pages that are not used are never there
std::size_t process_count = 0;

bool read_process(const char* pid_text, process& out) {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/%.20s/stat", pid_text);
  const int fd = open(path.data(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  std::array<char, 512> text{};
  const auto size = read(fd, text.data(), text.size() - 1);
  close(fd);
  if (size <= 0)
    return false;
  // The name in parentheses may hold anything, parentheses too.
  const char* end_of_name = std::strrchr(text.data(), ')');
  if (end_of_name == nullptr)
    return false;
  int parent = 0;
  if (std::sscanf(end_of_name + 1, " %c %d", &out.state, &parent) != 2)
    return false;
  out.pid = std::atoi(pid_text);
  out.parent = parent;
  out.ours = false;
  return true;
}

bool is_marked(pid_t pid) {
  for (std::size_t i = 0; i < process_count; ++i) {
    if (processes[i].pid == pid)
      return processes[i].ours;
  }
  return false;
}

void list_processes() {
  process_count = 0;
  if (DIR* const proc = opendir("/proc")) {
    while (const dirent* const entry = readdir(proc)) {
      const bool is_pid = entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
      if (is_pid && process_count < processes.size()
          && read_process(entry->d_name, processes[process_count]))
        ++process_count;
    }
    closedir(proc);
  }
}

void mark_descendants() {
  const pid_t self = getpid();
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < process_count; ++i) {
      auto& p = processes[i];
      if (!p.ours && (p.parent == self || is_marked(p.parent)))
        p.ours = more = true;
    }
  }
}

void look_around() {
  list_processes();
  mark_descendants();
}

bool is_dead(const process& p) {
  return p.state == 'Z' || p.state == 'X';
}

/// Stops everything first: a tree that keeps forking could outrun a series of kills.
void stop_descendants() {
  for (int pass = 0; pass < stop_passes_max; ++pass) {
    look_around();
    int running = 0;
    for (std::size_t i = 0; i < process_count; ++i) {
      const auto& p = processes[i];
      if (p.ours && !is_dead(p) && p.state != 'T' && p.state != 't' && kill(p.pid, SIGSTOP) == 0)
        ++running;
    }
    if (running == 0)
      return;
  }
}

void kill_descendants() {
  look_around();
  for (std::size_t i = 0; i < process_count; ++i) {
    if (processes[i].ours && !is_dead(processes[i]))
      kill(processes[i].pid, SIGKILL);
  }
}

struct tool {
  pid_t pid;
  int status = 0;
  bool ended = false;
};

/// Collects dead children. Returns false when there are none left at all, dead or alive: then, as
/// orphans become children of this process, no descendant is left either.
bool reap(tool& t) {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == t.pid) {
      t.status = status;
      t.ended = true;
    }
    if (pid == 0)
      return true;
    if (pid < 0 && errno != EINTR)
      return false;
  }
}

void wait_for_child(int signals, int timeout_ms) {
  pollfd waited{signals, POLLIN, 0};
  if (poll(&waited, 1, timeout_ms) > 0) {
    signalfd_siginfo info{};
    [[maybe_unused]] const auto got = read(signals, &info, sizeof info);
  }
}

void end_everything(tool& t, int signals) {
  if (!reap(t))
    return;
  stop_descendants();
  const long deadline = now_ms() + kill_ms_max;
  while (reap(t)) {
    if (now_ms() > deadline) {
      report(guard_event::survivors, 0);
      return;
    }
    kill_descendants();
    wait_for_child(signals, kill_pause_ms);
  }
}

/// Waits until the tool itself has ended or the lifeline says stop.
void watch(tool& t, int signals) {
  while (!t.ended) {
    std::array<pollfd, 2> waited{{{guard_lifeline_fd, POLLIN, 0}, {signals, POLLIN, 0}}};
    if (poll(waited.data(), waited.size(), -1) < 0)
      continue;
    if (waited[0].revents != 0)
      return;
    wait_for_child(signals, 0);
    reap(t);
  }
}

[[noreturn]] void become_tool(char** argv, pid_t guard) {
  // If somebody kills the guard, at least the tool itself goes too.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != guard)
    _exit(127);
  setsid();  // so that a `kill 0` in the tool does not reach the guard
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(argv[0], argv);
  report(guard_event::exec_failed, errno);
  _exit(127);
}

/// The tool must be the only one that holds its pipes, or nobody would see it close them.
void let_go_of_pipes() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; ++fd) {
    if (null < 0 || dup2(null, fd) < 0)
      close(fd);
  }
}

int block_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3)
    return 2;
  close(guard_image_fd);
  fcntl(guard_lifeline_fd, F_SETFD, FD_CLOEXEC);
  fcntl(guard_status_fd, F_SETFD, FD_CLOEXEC);
  setsid();  // a terminal's Ctrl-C is for the runtime
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const int signals = block_signals();
  if (argv[1][0] != '\0' && chdir(argv[1]) != 0) {
    report(guard_event::chdir_failed, errno);
    return 1;
  }
  const pid_t self = getpid();
  tool t{fork()};
  if (t.pid < 0) {
    report(guard_event::fork_failed, errno);
    return 1;
  }
  if (t.pid == 0)
    become_tool(argv + 2, self);
  let_go_of_pipes();
  watch(t, signals);
  end_everything(t, signals);
  if (t.ended) {
    const bool normal = WIFEXITED(t.status);
    report(normal ? guard_event::exited : guard_event::signalled,
           normal ? WEXITSTATUS(t.status) : WTERMSIG(t.status));
  }
  return 0;
}
// NOLINTEND(concurrency-mt-unsafe)
