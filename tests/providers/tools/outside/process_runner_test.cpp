#include "providers/tools/outside/process_runner.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

process_spec shell(const std::string& script) {
  return {.argv = {"sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}};
}

process_outcome run(process_runner& runner, process_spec spec) {
  auto outcome = awaited<process_outcome>{};
  const auto call = runner.start(std::move(spec), outcome.receiver());
  return outcome.get();
}

/// Leaves a process in a session of its own, whose parent is gone, and goes on itself.
std::string escaping(const std::string& seconds) {
  return "(setsid sh -c 'exec sleep " + seconds + "' </dev/null >/dev/null 2>&1 &); sleep "
         + seconds;
}

bool all_gone(const std::string& mark) {
  return eventually([&] { return processes_with(mark) == 0; });
}

}  // namespace

TEST_CASE("a process gets its input and gives its output, errors and exit code", "[tools]") {
  auto runner = process_runner{};
  auto spec = shell("cat; echo trouble >&2; exit 3");
  spec.input = "some input";
  const auto outcome = run(runner, spec);
  CHECK(outcome.how == process_ending::exited);
  CHECK(outcome.value == 3);
  CHECK(outcome.output == "some input");
  CHECK(outcome.output_bytes == 10);
  CHECK(outcome.errors == "trouble\n");
}

TEST_CASE("a process sees the environment and directory that it was given and no more", "[tools]") {
  const auto directory = scratch_directory{};
  auto runner = process_runner{};
  auto spec = shell("pwd -P; env | grep -v ^PWD= | grep -v ^_= | sort; ls /proc/self/fd | wc -l");
  spec.environment.push_back("BERTH=4");
  spec.environment.push_back("SHLVL=0");
  spec.directory = directory.path();
  const auto outcome = run(runner, spec);
  CHECK(outcome.output.find(directory.path() + "\n") == 0);
  CHECK(outcome.output.find("BERTH=4\nPATH=/usr/bin:/bin\n") != std::string::npos);
  CHECK(outcome.output.find("HOME=") == std::string::npos);
  // 0, 1, 2, and the directory that ls reads.
  CHECK(outcome.output.substr(outcome.output.size() - 2) == "4\n");
}

TEST_CASE("what ends a process is told apart", "[tools]") {
  auto runner = process_runner{};

  const auto signalled = run(runner, shell("kill -9 $$"));
  CHECK(signalled.how == process_ending::signalled);
  CHECK(signalled.value == SIGKILL);

  const auto missing =
    run(runner, {.argv = {"no-such-program-here"}, .environment = {"PATH=/usr/bin:/bin"}});
  CHECK(missing.how == process_ending::not_started);
  CHECK(missing.detail == "the program cannot be started: No such file or directory");

  auto nowhere = shell("true");
  nowhere.directory = "/no/such/directory";
  const auto lost_directory = run(runner, nowhere);
  CHECK(lost_directory.how == process_ending::not_started);
  CHECK(lost_directory.detail == "its directory cannot be entered: No such file or directory");
}

TEST_CASE("input that nobody reads is no error", "[tools]") {
  auto runner = process_runner{};
  auto spec = shell("exec <&-; echo done");
  spec.input = std::string(4 << 20, 'x');  // far more than a pipe holds
  const auto outcome = run(runner, spec);
  CHECK(outcome.how == process_ending::exited);
  CHECK(outcome.value == 0);
  CHECK(outcome.output == "done\n");
}

TEST_CASE("of long output the beginning is kept, of long errors the end", "[tools]") {
  auto runner = process_runner{};
  auto spec = shell("head -c 1000000 /dev/zero | tr '\\0' a; printf END; "
                    "(head -c 50000 /dev/zero | tr '\\0' b; printf LAST) >&2");
  const auto outcome = run(runner, spec);
  CHECK(outcome.how == process_ending::exited);
  CHECK(outcome.output == std::string(256 * 1024, 'a'));
  CHECK(outcome.output_bytes == 1'000'003);
  CHECK(outcome.errors == std::string(4 * 1024 - 4, 'b') + "LAST");
}

TEST_CASE("output without end is stopped at its bound", "[tools]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  auto spec = shell("(setsid sleep " + mark + " >/dev/null 2>&1 &); exec yes");
  spec.output_max = 1 << 20;
  const auto outcome = run(runner, spec);
  CHECK(outcome.how == process_ending::too_much_output);
  CHECK(outcome.output_bytes > spec.output_max);
  CHECK(processes_with(mark) == 0);
}

TEST_CASE("a time limit ends the whole tree, escaped processes too, before it is told",
          "[tools][kill]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  auto spec = shell("echo begun; " + escaping(mark));
  spec.timeout = 300ms;
  const auto outcome = run(runner, spec);
  CHECK(outcome.how == process_ending::timed_out);
  CHECK(outcome.output == "begun\n");
  CHECK(processes_with(mark) == 0);
  CHECK(eventually([&] { return runner.running() == 0; }));
}

TEST_CASE("cancel ends the whole tree and tells nobody", "[tools][kill]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  auto outcome = awaited<process_outcome>{};
  const auto call = runner.start(shell(escaping(mark)), outcome.receiver());
  REQUIRE(eventually([&] { return processes_with(mark) >= 2; }));
  call->cancel();
  CHECK(all_gone(mark));
  CHECK(eventually([&] { return runner.running() == 0; }));
  CHECK_FALSE(outcome.is_ready());
  call->cancel();  // a second one does nothing
}

TEST_CASE("a process that is cancelled before it starts never does", "[tools][kill]") {
  auto runner = process_runner{};
  const auto directory = scratch_directory{};
  for (auto i = 0; i < 20; ++i) {
    auto ignored = [](const process_outcome&) {};
    runner.start(shell("echo x >> " + directory.path() + "/ran; sleep 300"), ignored)->cancel();
  }
  CHECK(eventually([&] { return runner.running() == 0; }));
}

TEST_CASE("a tree that keeps forking is caught", "[tools][kill]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  // Each one starts two of its kind, in sessions of their own, and goes; five generations at most.
  // The first stays: with its end all others would be stopped before anybody has seen them.
  const auto hop = std::string{"[ $1 -ge 5 ] && exec sleep $2; "
                               "for i in 1 2; do setsid sh -c \"$0\" \"$0\" $(($1 + 1)) $2 & done"};
  const auto spec = process_spec{.argv = {"sh", "-c", hop + "; exec sleep $2", hop, "1", mark},
                                 .environment = {"PATH=/usr/bin:/bin"}};
  auto outcome = awaited<process_outcome>{};
  const auto call = runner.start(spec, outcome.receiver());
  REQUIRE(eventually([&] { return processes_with(mark) >= 3; }));
  call->cancel();
  CHECK(eventually([&] { return runner.running() == 0; }));
  CHECK(all_gone(mark));
}

TEST_CASE("what a process leaves behind goes with it", "[tools][kill]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  const auto outcome = run(runner, shell("(setsid sleep " + mark + " &); echo done"));
  CHECK(outcome.how == process_ending::exited);
  CHECK(outcome.output == "done\n");
  CHECK(processes_with(mark) == 0);
}

TEST_CASE("a process whose guard is killed ends too, and its state is unknown", "[tools][kill]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  const auto outcome = run(runner, shell("kill -9 $PPID; exec sleep " + mark));
  CHECK(outcome.how == process_ending::lost);
  CHECK(all_gone(mark));
}

TEST_CASE("a guard that is stopped does not keep a time limit from being kept", "[tools][kill]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  auto spec = shell("kill -STOP $PPID; exec sleep " + mark);
  spec.timeout = 100ms;
  spec.kill_patience = 100ms;
  CHECK(run(runner, spec).how == process_ending::timed_out);
  CHECK(all_gone(mark));
}

TEST_CASE("at most 64 processes run at once, and the refusal names the bound", "[tools]") {
  auto runner = process_runner{};
  const auto mark = unique_sleep();
  auto calls = std::vector<std::unique_ptr<pending_call>>{};
  for (auto i = 0; i < 64; ++i)
    calls.push_back(runner.start(shell("exec sleep " + mark), [](const process_outcome&) {}));
  CHECK(runner.running() == 64);
  const auto refused = run(runner, shell("true"));
  CHECK(refused.how == process_ending::refused);
  CHECK(refused.detail.find("64") != std::string::npos);

  calls.front()->cancel();
  REQUIRE(eventually([&] { return runner.running() == 63; }));
  CHECK(run(runner, shell("true")).how == process_ending::exited);
  for (const auto& call : calls)
    call->cancel();
  CHECK(eventually([&] { return runner.running() == 0; }));
  CHECK(all_gone(mark));
}

TEST_CASE("the operator's bound on descriptors bounds the processes", "[tools]") {
  auto runner = process_runner{{.processes_max = 64, .descriptors_max = 10}};
  const auto one = runner.start(shell("sleep 300"), [](const process_outcome&) {});
  const auto two = runner.start(shell("sleep 300"), [](const process_outcome&) {});
  CHECK(run(runner, shell("true")).how == process_ending::refused);
}

TEST_CASE("a slot is free again when the end of its process is told", "[tools]") {
  auto runner = process_runner{{.processes_max = 1}};
  for (auto i = 0; i < 20; ++i)
    REQUIRE(run(runner, shell("true")).how == process_ending::exited);
}

TEST_CASE("processes leave no descriptors and no zombies behind", "[tools]") {
  auto runner = process_runner{};
  run(runner, shell("true"));
  const auto before = open_descriptors();  // the first one's, too: its end was told, not yet tidied
  for (auto i = 0; i < 10; ++i)
    run(runner, shell("exit 1"));
  CHECK(eventually([&] { return open_descriptors() <= before; }));
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no children
}

TEST_CASE("the end of the runner is the end of its processes", "[tools][kill]") {
  const auto mark = unique_sleep();
  auto call = std::unique_ptr<pending_call>{};
  {
    auto runner = process_runner{};
    call = runner.start(shell(escaping(mark)), [](const process_outcome&) {});
    REQUIRE(eventually([&] { return processes_with(mark) >= 2; }));
  }
  CHECK(processes_with(mark) == 0);
  call->cancel();  // harmless when the runner is gone
}

TEST_CASE("a runtime that is killed takes its processes with it", "[tools][kill]") {
  const auto mark = unique_sleep();
  const auto runtime = ::fork();
  REQUIRE(runtime >= 0);
  if (runtime == 0) {
    auto runner = process_runner{};
    const auto call = runner.start(shell(escaping(mark)), [](const process_outcome&) {});
    ::pause();
    ::_exit(0);
  }
  CHECK(eventually([&] { return processes_with(mark) >= 2; }));
  ::kill(runtime, SIGKILL);
  ::waitpid(runtime, nullptr, 0);
  CHECK(all_gone(mark));
}
