#include "bootstrap/cli/runs_command.hpp"
#include "tests/bootstrap/cli/told_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

using namespace persona_runtime::cli;
using namespace persona_runtime::test;
using persona_runtime::testing::json_answer;
using persona_runtime::testing::scratch_directory;
using persona_runtime::testing::told_server;
using namespace std::chrono_literals;

namespace {

std::string frame(int seq, std::string_view type, int step, std::string_view data) {
  return "id: " + std::to_string(seq) + "\nevent: " + std::string{type}
         + "\ndata: {\"seq\":" + std::to_string(seq) + R"(,"run_id":"run_1","type":")"
         + std::string{type} + R"(","step":)" + std::to_string(step) + R"(,"data":)"
         + std::string{data} + R"(,"timestamp":"2026-11-21T08:15:30Z"})" + "\n\n";
}

constexpr auto last_frame = "event: end\ndata: {}\n\n";

/// A stream that is cut after `frames`.
std::string cut_stream(std::string_view frames) {
  return chunked_head("text/event-stream") + as_chunk(frames);
}
std::string whole_stream(std::string_view frames) {
  return cut_stream(frames) + std::string{last_chunk};
}

struct outcome {
  int code = -1;
  std::string out;
  std::string err;
};

template <class Command, class... Args>
outcome call(Command command, const runs_options& options, const Args&... args) {
  auto out = std::ostringstream{};
  auto err = std::ostringstream{};
  const auto code = command(options, args..., out, err);
  return {code, out.str(), err.str()};
}

runs_options to(const told_server& server) {
  auto options = runs_options{};
  options.server = server.url();
  options.retry_wait = 1ms;
  return options;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr auto finished_run = R"({"id":"run_1","persona_id":"persona_1","task":"Find a berth",)"
                              R"("status":"completed","steps":[{"type":"tool_call","tool_calls":)"
                              R"([{"name":"sum"}]},{"type":"final","content":"Berth 4."}],)"
                              R"("output":"Berth 4.","usage":{"model_calls":2,"cost_cents":1}})";

}  // namespace

TEST_CASE("runs are listed as a table", "[bootstrap][cli][runs]") {
  auto server =
    told_server{{json_answer(R"({"items":[{"id":"run_2","status":"running","started_at":)"
                             R"("2026-11-21T08:15:30Z","task":"Two\nlines \u001b[2J"},)"
                             R"({"id":"run_1","status":"completed"}],"next_cursor":"abc"})")}};
  const auto o = call(runs_list, to(server));
  CHECK(o.code == 0);
  CHECK(o.out
        == "ID                              STATUS             STARTED (UTC)        TASK\n"
           "run_2                           running            2026-11-21T08:15:30  Two lines "
           "\\x1b[2J\n"
           "run_1                           completed                               \n");
  CHECK(o.err == "There are more; these are the newest 2.\n");
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests()[0].starts_with("GET /v1/runs HTTP/1.1\r\n"));
  CHECK_FALSE(has(server.requests()[0], "Authorization"));
}

TEST_CASE("one run is shown with its steps and figures", "[bootstrap][cli][runs]") {
  auto server = told_server{{json_answer(finished_run), json_answer(finished_run)}};
  auto options = to(server);
  const auto o = call(runs_show, options, "run_1");
  CHECK(o.code == 0);
  CHECK(o.out.starts_with("run       run_1\npersona   persona_1\ntask      Find a berth\n"
                          "  1. tool_call: sum\n  2. final: Berth 4.\n\nAnswer\n\nBerth 4.\n"));
  options.json = true;
  CHECK(call(runs_show, options, "run_1").out == std::string{finished_run} + "\n");
}

TEST_CASE("cancel and answer say what they did", "[bootstrap][cli][runs]") {
  auto server = told_server{{json_answer(R"({"status":"cancelling"})", "202 Accepted"),
                             "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"}};
  const auto options = to(server);
  const auto cancelled = call(runs_cancel, options, "run_1");
  CHECK(cancelled.code == 0);
  CHECK(cancelled.out == "run_1: cancelling\n");
  const auto answered = call(runs_answer, options, "run_1", "berth \"4\"");
  CHECK(answered.code == 0);
  CHECK(answered.out == "run_1: answered\n");
  REQUIRE(server.requests().size() == 2);
  CHECK(server.requests()[0].starts_with("POST /v1/runs/run_1/cancel "));
  CHECK(server.requests()[1].starts_with("POST /v1/runs/run_1/respond "));
  CHECK(server.requests()[1].ends_with(R"({"answer":"berth \"4\""})"));
}

TEST_CASE("the key comes from the file, else from the environment", "[bootstrap][cli][runs]") {
  const auto folder = scratch_directory{};
  const auto file = (folder.path() / "key").string();
  std::ofstream{file} << "key-of-file \nsecond line\n";
  auto server = told_server{{json_answer(finished_run), json_answer(finished_run)}};
  auto options = to(server);
  options.key = "key-of-environment";
  CHECK(call(runs_show, options, "run_1").code == 0);
  options.key_file = file;
  CHECK(call(runs_show, options, "run_1").code == 0);
  REQUIRE(server.requests().size() == 2);
  CHECK(has(server.requests()[0], "Authorization: Bearer key-of-environment\r\n"));
  CHECK(has(server.requests()[1], "Authorization: Bearer key-of-file\r\n"));
}

TEST_CASE("options that cannot be meant are wrong usage", "[bootstrap][cli][runs]") {
  const auto folder = scratch_directory{};
  const auto empty = (folder.path() / "empty").string();
  std::ofstream{empty} << "\n";
  auto options = runs_options{};
  for (const auto* id : {"", "run/1", "../x", "run 1", "run_1?x=1"})
    CHECK(call(runs_show, options, id).code == 2);
  CHECK(call(runs_cancel, options, std::string(97, 'a')).code == 2);
  options.key_file = empty;
  CHECK(call(runs_list, options).code == 2);
  options.key_file = (folder.path() / "absent").string();
  CHECK(has(call(runs_list, options).err, "absent cannot be read"));
  options = {};
  options.key = "two words";
  const auto o = call(runs_list, options);
  CHECK(o.code == 2);
  CHECK_FALSE(has(o.err, "two words"));
  for (const auto* url : {"", "127.0.0.1:8080", "ftp://a", "http://a/?q=1"}) {
    options = {};
    options.server = url;
    CHECK(call(runs_list, options).code == 2);
  }
}

TEST_CASE("what the server refuses is one line that says what to do", "[bootstrap][cli][runs]") {
  struct row {
    std::string answer;
    std::string_view part;
  };
  const auto rows = std::vector<row>{
    {json_answer(R"({"error":"run_not_found","detail":"there is no run run_1"})", "404 Not Found"),
     "run_not_found: there is no run run_1; `persona runs list`"},
    {json_answer(R"({"error":"authentication_error","detail":"no key"})", "401 Unauthorized"),
     "--key-file FILE or PERSONA_SERVER_KEY"},
    {json_answer(R"({"error":"run_not_active","detail":"over"})", "409 Conflict"), "it has ended"},
    {json_answer(R"({"error":"validation_error","detail":[{"loc":["x"]}]})", "422 X"),
     R"(validation_error: [{"loc":["x"]}])"},
    {json_answer(R"({"error":"over\u001b[2Jloaded","detail":"a\nb"})", "503 X"),
     "over\\x1b[2Jloaded: a b"},
    {json_answer("<html>", "502 Bad Gateway"), "HTTP status 502"},
    {json_answer("<html>"), "is --server the right address?"},
  };
  for (const auto& r : rows) {
    auto server = told_server{{r.answer}};
    const auto o = call(runs_show, to(server), "run_1");
    CAPTURE(o.err);
    CHECK(o.code == 1);
    CHECK(o.out.empty());
    CHECK(o.err.starts_with("persona runs show: "));
    CHECK(has(o.err, r.part));
    CHECK(std::count(o.err.begin(), o.err.end(), '\n') == 1);
    CHECK(o.err.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a server that is not there is said so", "[bootstrap][cli][runs]") {
  auto options = runs_options{};
  {
    auto gone = told_server{{}};
    options.server = gone.url();
  }
  for (const auto& o : {call(runs_list, options), call(runs_watch, options, "run_1")}) {
    CHECK(o.code == 1);
    CHECK(has(o.err, options.server));
    CHECK(has(o.err, "persona serve"));
  }
}

TEST_CASE("watch shows the events and then the answer", "[bootstrap][cli][runs]") {
  auto server = told_server{
    {whole_stream(frame(0, "started", -1, R"({"task":"Find a berth"})") + ":\n\n"
                  + frame(1, "thinking", 0, "{}")
                  + "event: delta\ndata: {\"run_id\":\"run_1\",\"type\":\"delta\",\"step\":0,"
                    "\"data\":{\"text\":\"Ber\"}}\n\n"
                  + frame(2, "completed", 0, R"({"output":"Berth 4."})")
                  + frame(3, "finished", 1, R"({"run_id":"run_1","status":"completed"})")
                  + last_frame),
     json_answer(finished_run)}};
  const auto o = call(runs_watch, to(server), "run_1");
  CAPTURE(o.err);
  CHECK(o.code == 0);
  CHECK(o.out.starts_with("task      Find a berth\nstep 1\n\nAnswer\n\nBerth 4.\n"));
  CHECK(has(o.out, "calls     2 model calls"));
  CHECK_FALSE(has(o.out, "Ber\n"));
}

TEST_CASE("a broken stream is joined again behind the last event", "[bootstrap][cli][runs]") {
  auto server = told_server{
    {cut_stream(frame(0, "started", -1, R"({"task":"T"})") + frame(1, "thinking", 0, "{}")
                + "id: 2\nevent: reaso"),
     cut_stream(""), json_answer(R"({"error":"overloaded"})", "503 X"),
     whole_stream(frame(1, "thinking", 0, "{}")  // again: must not be shown twice
                  + frame(2, "reasoning", 0, R"({"content":"So."})")),
     "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", json_answer(finished_run)}};
  const auto o = call(runs_watch, to(server), "run_1");
  CAPTURE(o.err);
  CHECK(o.code == 0);
  CHECK(o.out.starts_with("task      T\nstep 1\n  thought So.\n\nAnswer"));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 6);
  CHECK_FALSE(has(requests[0], "Last-Event-ID"));
  for (auto i : {1u, 2u, 3u})
    CHECK(has(requests[i], "Last-Event-ID: 1\r\n"));
  CHECK(has(requests[4], "Last-Event-ID: 2\r\n"));
}

TEST_CASE("watch gives up after as many tries as it may", "[bootstrap][cli][runs]") {
  auto answers = std::deque<std::string>{cut_stream(frame(0, "started", -1, "{}"))};
  for (auto i = 0; i < 10; ++i)
    answers.push_back(cut_stream(""));
  auto server = told_server{std::move(answers)};
  auto options = to(server);
  options.tries_max = 3;
  const auto o = call(runs_watch, options, "run_1");
  CHECK(o.code == 1);
  CHECK(has(o.err, "4 times in a row"));
  CHECK(server.requests().size() == 4);
}

TEST_CASE("a run that cannot be watched ends it at once", "[bootstrap][cli][runs]") {
  auto server = told_server{{json_answer(R"({"error":"run_not_found","detail":"none"})", "404 X")}};
  const auto o = call(runs_watch, to(server), "run_1");
  CHECK(o.code == 1);
  CHECK(has(o.err, "run_not_found"));
  CHECK(server.requests().size() == 1);
}

TEST_CASE("watch with json prints the events and nothing else", "[bootstrap][cli][runs]") {
  auto server = told_server{{whole_stream(frame(0, "started", -1, "{}") + last_frame)}};
  auto options = to(server);
  options.json = true;
  const auto o = call(runs_watch, options, "run_1");
  CHECK(o.code == 0);
  CHECK(o.out
        == R"({"seq":0,"run_id":"run_1","type":"started","step":-1,"data":{},)"
           "\"timestamp\":\"2026-11-21T08:15:30Z\"}\n");
}

TEST_CASE("Ctrl-C ends a watch that waits", "[bootstrap][cli][runs]") {
  auto stop = std::atomic<bool>{false};
  auto server = told_server{{cut_stream(frame(0, "started", -1, "{}")) + as_chunk("stall")}};
  auto options = to(server);
  options.stop = &stop;
  auto presses = std::thread{[&] {
    while (server.requests().empty())
      std::this_thread::yield();
    stop = true;
  }};
  const auto o = call(runs_watch, options, "run_1");
  presses.join();
  CHECK(o.code == 130);
  CHECK(has(o.err, "the run goes on"));
}

TEST_CASE("a question that waits comes with the command to answer", "[bootstrap][cli][runs]") {
  auto stop = std::atomic<bool>{false};
  auto out = std::stringstream{};
  auto server = loopback_server{[](loopback_peer& peer) {
    static_cast<void>(peer.read_request());
    peer.send(cut_stream(frame(0, "asking_user", 0, R"({"question":"Which?"})")));
    peer.stall();
  }};
  auto options = runs_options{};
  options.server = server.url("");
  options.stop = &stop;
  struct stopper : std::stringbuf {
    explicit stopper(std::atomic<bool>& flag) : stop{flag} {}
    int sync() override {
      stop = stop || str().find("persona runs answer run_1 TEXT") != std::string::npos;
      return 0;
    }
    std::atomic<bool>& stop;
  };
  auto buffer = stopper{stop};
  auto shown = std::ostream{&buffer};
  auto err = std::ostringstream{};
  CHECK(runs_watch(options, "run_1", shown, err) == 130);
  CHECK(buffer.str() == "  ask     Which?\nanswer with: persona runs answer run_1 TEXT\n");
}
