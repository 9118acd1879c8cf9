#include "domain/tool/result_bounds.hpp"
#include "providers/tools/outside/command_tool.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

tool_definition named(std::string name, std::chrono::milliseconds timeout = 30s) {
  return {.name = std::move(name),
          .description = "A tool of a test.",
          .parameters = R"({"type":"object"})",
          .timeout = timeout};
}

/// A shell script as a tool, in either sandbox.
struct tool_of_script {
  process_runner runner;
  std::shared_ptr<tool_body> tool;

  explicit tool_of_script(const std::string& script, sandbox_mode mode = sandbox_mode::none,
                          std::chrono::milliseconds timeout = 30s)
    : tool{make_command_tool(
      named("probe", timeout),
      {.argv = {"sh", "-c", script}, .sandbox = mode, .environment = {"PATH=/usr/bin:/bin"}},
      runner)} {}
};

tool_result run_script(const std::string& script) {
  auto t = tool_of_script{script};
  return result_of(*t.tool, "{}");
}

/// False, with the reason in the test's output, where bubblewrap cannot work.
bool strict_works() {
  auto runner = process_runner{};
  const auto verdict = check_sandbox(runner);
  if (verdict)
    return true;
  WARN("strict sandbox not tested: " << verdict.error().detail);
  return false;
}

}  // namespace

TEST_CASE("the call's JSON is on standard input and standard output is the result", "[tools]") {
  auto t = tool_of_script{"cat"};
  const auto result = result_of(*t.tool, R"({"text":"a b"})");
  CHECK_FALSE(result.is_error);
  CHECK(result.content
        == R"({"call_id":"call_7","name":"probe","arguments":{"text":"a b"},"run_id":"run_1",)"
           R"("persona_id":"persona_1","idempotency_key":"run_1/2/0"})");
  CHECK(t.tool->definition().name == "probe");
}

TEST_CASE("a program answers JSON with data, or plain text", "[tools]") {
  const auto json = run_script(R"(printf '{"content":"four","data":{"n":4},"is_error":false}')");
  CHECK(json.content == "four");
  CHECK(json.data == R"({"n":4})");

  const auto text = run_script("echo hei | wc -c");
  CHECK(text.content == "4\n");
  CHECK_FALSE(text.is_error);

  const auto refusal = run_script(R"(printf '{"content":"no such berth","is_error":true}')");
  CHECK(refusal.is_error);
  CHECK(refusal.content == "no such berth");
}

TEST_CASE("another exit code is a tool error with the end of standard error", "[tools]") {
  const auto failed = run_script("echo ignored; seq 1 3000 >&2; echo the last line >&2; exit 9");
  CHECK(failed.is_error);
  CHECK(contains(failed.content, "probe failed with exit code 9"));
  CHECK(contains(failed.content, "3000\nthe last line"));
  CHECK_FALSE(contains(failed.content, "ignored"));
  CHECK_FALSE(contains(failed.content, "\n10\n"));
  CHECK(failed.content.size() < 4 * 1024 + 200);

  CHECK(contains(run_script("echo only here; exit 1").content, "only here"));
  CHECK(contains(run_script("exit 1").content, "wrote nothing"));
  CHECK(contains(run_script("kill -TERM $$").content, "ended by signal 15"));
}

TEST_CASE("a program that does not exist is a tool error that says so", "[tools]") {
  auto runner = process_runner{};
  const auto tool = make_command_tool(
    named("ghost"), {.argv = {"no-such-program"}, .sandbox = sandbox_mode::none}, runner);
  const auto result = result_of(*tool, "{}");
  CHECK(result.is_error);
  CHECK(contains(result.content, "ghost did not run"));
  CHECK(contains(result.content, "No such file or directory"));
}

TEST_CASE("a workspace that does not exist is a tool error", "[tools]") {
  auto t = tool_of_script{"true"};
  const auto result = result_of(*t.tool, "{}", "/no/such/workspace");
  CHECK(result.is_error);
  CHECK(contains(result.content, "directory cannot be entered"));
}

TEST_CASE("output that is too long is cut with a note, binary output is repaired", "[tools]") {
  const auto exact = run_script("head -c 262144 /dev/zero | tr '\\0' a");
  CHECK(exact.content.size() == tool_result_bytes_max);
  CHECK_FALSE(exact.truncated);

  const auto cut = run_script("head -c 262145 /dev/zero | tr '\\0' a");
  CHECK(cut.content.size() == tool_result_bytes_max);
  CHECK(cut.truncated);
  CHECK(contains(cut.content, "262145 bytes"));
  CHECK_FALSE(cut.is_error);

  const auto garbage = run_script(R"(printf 'a\377\300\200b')");
  CHECK_FALSE(garbage.is_error);
  CHECK(garbage.content
        == "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
           "b");

  const auto flood = run_script("exec yes");
  CHECK(flood.is_error);
  CHECK(contains(flood.content, "8388608 bytes"));
}

TEST_CASE("the time limit of the definition ends the call and all that it started",
          "[tools][kill]") {
  const auto mark = unique_sleep();
  auto t = tool_of_script{"(setsid sleep " + mark + " >/dev/null 2>&1 &); echo half; sleep " + mark,
                          sandbox_mode::none, 200ms};
  const auto result = result_of(*t.tool, "{}");
  CHECK(result.is_error);
  CHECK(contains(result.content, "did not finish within 200 ms"));
  CHECK(contains(result.content, "half"));
  CHECK(processes_with(mark) == 0);
}

TEST_CASE("models' keys do not reach a tool", "[tools]") {
  const char* const all[] = {
    "PATH=/bin", "PERSONA_API_KEY=secret", "LC_ALL=C.UTF-8", "OPENAI_API_KEY=s", "HOME=/home/a",
    "HOMELY=1",  "AWS_SECRET_KEY=s",       nullptr};
  CHECK(tool_environment(all)
        == std::vector<std::string>{"PATH=/bin", "LC_ALL=C.UTF-8", "HOME=/home/a"});
  CHECK(tool_environment(nullptr).empty());
}

TEST_CASE("a command tool without a program does not start", "[tools]") {
  auto runner = process_runner{};
  CHECK_FALSE(command_tool_ready({}, runner).has_value());
  CHECK(command_tool_ready({.argv = {"wc"}, .sandbox = sandbox_mode::none}, runner).has_value());
  CHECK(command_tool_ready({.argv = {"wc"}, .sandbox = sandbox_mode::none, .bubblewrap = "absent"},
                           runner)
          .has_value());
}

TEST_CASE("a strict tool needs a bubblewrap that works, and the failure says what to do",
          "[tools][sandbox]") {
  auto runner = process_runner{};
  const auto absent = command_tool_ready({.argv = {"wc"}, .bubblewrap = "no-bwrap-here"}, runner);
  REQUIRE_FALSE(absent.has_value());
  CHECK(contains(absent.error().detail, "apt-get install bubblewrap"));
  CHECK(contains(absent.error().detail, "sandbox: none"));
  CHECK(absent.error().detail.size() <= 512);

  const auto directory = scratch_directory{};
  const auto broken = directory.path() + "/bwrap";
  std::ofstream{broken}
    << "#!/bin/sh\necho 'bwrap: No permissions to create namespace' >&2\nexit 1\n";
  std::filesystem::permissions(broken, std::filesystem::perms::owner_all);
  const auto refused = check_sandbox(runner, broken);
  REQUIRE_FALSE(refused.has_value());
  CHECK(contains(refused.error().detail, "No permissions to create namespace"));
  CHECK(contains(refused.error().detail, "user namespaces"));
  CHECK(refused.error().detail.size() <= 512);
}

TEST_CASE("a strict tool reads, writes its workspace and nothing else", "[tools][sandbox]") {
  if (!strict_works())
    return;
  const auto workspace = scratch_directory{};
  const auto secret = scratch_directory{};
  std::ofstream{secret.path() + "/key"} << "secret";
  auto t =
    tool_of_script{"echo kept > note; pwd; "
                   "touch /etc/mark /usr/mark /mark 2>/dev/null && echo WROTE; "
                   "touch /tmp/mark && echo private tmp; "
                   "cat "
                     + secret.path()
                     + "/key 2>/dev/null; "
                       "ls /run; env | cut -d= -f1 | grep -v -x -e PATH -e LANG -e PWD "
                       "-e SHLVL -e _ -e OLDPWD; "
                       "ls /sys/class/net 2>/dev/null | grep -v -x lo; grep -c . /proc/net/route; "
                       "grep CapEff /proc/self/status",
                   sandbox_mode::strict};
  ::setenv("PERSONA_API_KEY", "secret", 1);
  const auto result = result_of(*t.tool, "{}", workspace.path());
  ::unsetenv("PERSONA_API_KEY");
  INFO(result.content);
  CHECK_FALSE(result.is_error);
  CHECK(result.content.find(workspace.path() + "\nprivate tmp\n") == 0);
  CHECK(contains(result.content, "CapEff:\t0000000000000000\n"));
  CHECK_FALSE(contains(result.content, "secret"));
  CHECK_FALSE(contains(result.content, "PERSONA"));
  CHECK(file_text(workspace.path() + "/note") == "kept\n");
  CHECK_FALSE(std::filesystem::exists("/tmp/mark"));
}

TEST_CASE("a strict tool has no network and does not see what is hidden", "[tools][sandbox]") {
  if (!strict_works())
    return;
  // A directory that is not below /tmp, which a strict tool never sees anyway.
  const auto hidden = std::string{"/usr/share/doc"};
  auto runner = process_runner{};
  const auto tool =
    make_command_tool(named("probe"),
                      {.argv = {"sh", "-c", "ls " + hidden + " | wc -l; cat /proc/net/dev | wc -l"},
                       .hidden = {hidden, "/no/such/directory", "relative"}},
                      runner);
  const auto result = result_of(*tool, "{}");
  INFO(result.content);
  CHECK(result.content == "0\n3\n");  // two lines of heading and the loopback device
}

TEST_CASE("cancel and time limit end a strict tool's whole tree", "[tools][sandbox][kill]") {
  if (!strict_works())
    return;
  const auto mark = unique_sleep();
  const auto script = "(setsid sleep " + mark + " >/dev/null 2>&1 &); sleep " + mark;
  auto t = tool_of_script{script, sandbox_mode::strict};
  auto answer = awaited<tool_result>{};
  const auto call = t.tool->start(a_call("{}"), answer.receiver());
  REQUIRE(eventually([&] { return processes_with("sleep") > 0 && processes_with(mark) >= 4; }));
  call->cancel();
  CHECK(eventually([&] { return processes_with(mark) == 0; }));
  CHECK_FALSE(answer.is_ready());

  auto limited = tool_of_script{script, sandbox_mode::strict, 300ms};
  CHECK(contains(result_of(*limited.tool, "{}").content, "did not finish"));
  CHECK(processes_with(mark) == 0);
}

TEST_CASE("a strict tool's exit code and output come through", "[tools][sandbox]") {
  if (!strict_works())
    return;
  auto t = tool_of_script{"cat > /dev/null; echo bad >&2; exit 4", sandbox_mode::strict};
  const auto result = result_of(*t.tool, "{}");
  CHECK(contains(result.content, "exit code 4"));
  CHECK(contains(result.content, "bad"));
}
