// The parts that measure are right themselves: a bench that counts wrongly is worse than none.

#include "tests/bench/bare_loop.hpp"
#include "tests/bench/call_reader.hpp"
#include "tests/bench/event_check.hpp"
#include "tests/bench/first_words.hpp"
#include "tests/bench/http_pool.hpp"
#include "tests/bench/simulator_server.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <thread>

using namespace persona_runtime::bench;
using namespace std::chrono_literals;

namespace {

std::string request_with(std::size_t tool_results) {
  auto body = std::string{R"({"messages":[{"role":"user","content":"\"role\":\"tool\""})"};
  for (std::size_t i = 0; i < tool_results; ++i)
    body += R"(,{"role":"tool","content":"x"})";
  return http_text("POST", "/v1/chat/completions", body + "]}");
}

/// A simulator on a thread of its own.
struct served {
  explicit served(const simulator_settings& set)
    : server{set}, thread{[this] { server.run([this] { return !is_over; }); }} {}
  ~served() {
    is_over = true;
    thread.join();
  }
  simulator_server server;
  std::atomic<bool> is_over = false;
  std::thread thread;
};

std::string fetch(http_pool& pool, std::string bytes, int& status) {
  auto body = std::string{};
  pool.send({std::move(bytes), {}, [&](pool_answer answer) {
               status = answer.status;
               body = std::move(answer.body);
             }});
  for (auto i = 0; i < 100 && pool.open() > 0; ++i)
    pool.turn(100ms);
  return body;
}

}  // namespace

TEST_CASE("bench: tool results are counted wherever the pieces are cut", "[bench]") {
  const auto request = request_with(3);
  for (std::size_t cut = 0; cut <= request.size(); ++cut) {
    auto reader = call_reader{};
    auto first = std::string_view{request}.substr(0, cut);
    auto rest = std::string_view{request}.substr(cut);
    const auto early = reader.feed(first);
    const auto late = early == call_reader::state::complete ? early : reader.feed(rest);
    REQUIRE(late == call_reader::state::complete);
    REQUIRE(reader.take().tool_results == 3);
    REQUIRE(reader.is_between());
  }
}

TEST_CASE("bench: a quote that ends one match can begin the next", "[bench]") {
  auto counter = tool_counter{};
  counter.feed(R"("role"role":"tool" ""role":"tool")");
  CHECK(counter.count() == 2);
}

TEST_CASE("bench: a request whose head does not end is malformed", "[bench]") {
  auto reader = call_reader{};
  const auto endless = std::string(20u << 10, 'x');
  auto bytes = std::string_view{endless};
  CHECK(reader.feed(bytes) == call_reader::state::malformed);
}

TEST_CASE("bench: answers in chunks are read wherever they are cut", "[bench]") {
  const auto text = std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"};
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    auto reader = answer_reader{};
    auto body = std::string{};
    const auto add = [&body](std::string_view piece) { body.append(piece); };
    REQUIRE(reader.feed(std::string_view{text}.substr(0, cut), add)
            == answer_reader::state::reading);
    REQUIRE(reader.feed(std::string_view{text}.substr(cut), add) == answer_reader::state::complete);
    REQUIRE(body == "hello world");
    REQUIRE(reader.status() == 200);
  }
}

TEST_CASE("bench: a broken answer is no complete one", "[bench]") {
  const auto ignore = [](std::string_view) {};
  auto reader = answer_reader{};
  reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", ignore);
  CHECK(reader.end() == answer_reader::state::malformed);
  reader.reset();
  CHECK(reader.feed("ICY 200 OK\r\n\r\n", ignore) == answer_reader::state::malformed);
  reader.reset();
  const auto state = reader.feed("HTTP/1.1 204 No Content\r\n\r\nmore", ignore);
  CHECK(state == answer_reader::state::malformed);
}

TEST_CASE("bench: an event stream is right with dense ids, one finish and an end", "[bench]") {
  const auto right = std::string{"id: 0\nevent: started\ndata: {}\n\nevent: delta\ndata: {}\n\n"
                                 "id: 1\nevent: finished\ndata: {}\n\nevent: end\ndata: {}\n\n"};
  for (std::size_t cut = 0; cut < right.size(); ++cut) {
    auto check = event_check{};
    check.feed(std::string_view{right}.substr(0, cut));
    check.feed(std::string_view{right}.substr(cut));
    REQUIRE(check.is_right());
    REQUIRE(check.events() == 2);
    REQUIRE(check.deltas() == 1);
  }
  for (const auto* wrong :
       {"id: 0\nevent: finished\n\n",                                       // no end
        "id: 0\nevent: started\n\nid: 2\nevent: finished\n\nevent: end\n",  // a gap
        "id: 0\nevent: finished\n\nid: 1\nevent: finished\n\nevent: end\n",
        "id: 0\nevent: started\n\nevent: end\n", ""}) {
    auto check = event_check{};
    check.feed(wrong);
    CHECK_FALSE(check.is_right());
  }
}

TEST_CASE("bench: the simulator answers by the number of tool results", "[bench]") {
  auto set = simulator_settings{};
  set.record = true;
  set.shape.segment_per_token = GENERATE(false, true);
  set.delay = std::chrono::milliseconds{GENERATE(0, 5)};
  auto on = served{set};
  REQUIRE(on.server.is_listening());
  auto pool = http_pool{on.server.port(), 1};
  auto status = 0;
  for (std::size_t k = 0; k < calls_per_run; ++k) {
    const auto body = fetch(pool, request_with(k), status);
    CHECK(status == 200);
    CHECK(body.ends_with("data: [DONE]\n\n"));
    CHECK((body.find("[FINAL]") != std::string::npos) == (k == tool_calls_per_run));
    CHECK((body.find("tool_calls") != std::string::npos) == (k < tool_calls_per_run));
  }
  CHECK(fetch(pool, http_text("GET", "/recorded/2"), status) == request_with(2));
  CHECK(fetch(pool, http_text("GET", "/figures"), status).find("\"calls\":5") != std::string::npos);
  fetch(pool, http_text("GET", "/other"), status);
  CHECK(status == 404);
  CHECK(pool.connections_made() == 1);
}

TEST_CASE("bench: the bare loop counts whole answers", "[bench]") {
  auto on = served{simulator_settings{}};
  const auto requests = std::vector<std::string>{request_with(0), request_with(4)};
  auto loop = bare_loop{on.server.port(), requests, 3};
  const auto figures = loop.run(50ms);
  CHECK(figures.calls > 0);
  CHECK(figures.broken == 0);
  CHECK(figures.seconds > 0);
}

TEST_CASE("bench: a port where nobody listens is an answer without status", "[bench]") {
  auto port = std::uint16_t{0};
  {
    const auto gone = listen_on(0);
    port = port_of(gone);
  }
  auto pool = http_pool{port, 1};
  auto status = -1;
  fetch(pool, http_text("GET", "/"), status);
  CHECK(status == 0);
}

TEST_CASE("bench: the first word is seen when it comes, and no sooner", "[bench]") {
  const auto stream = std::string{"data: {\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}\n\n"
                                  "data: {\"delta\":{\"content\":\"B"};
  auto words = first_words{};
  for (auto at = std::size_t{0}; at + 1 < stream.size(); ++at)
    REQUIRE_FALSE(words.feed(stream.substr(at, 1)));
  CHECK(words.feed("B"));
  CHECK(words.feed("erth"));
  CHECK(first_words{}.feed(stream));
  CHECK_FALSE(first_words{}.feed("data: {\"delta\":{\"content\":null}}\n\ndata: [DONE]\n\n"));
}

TEST_CASE("bench: a set of sockets is readable while one in it is", "[bench]") {
  auto on = served{simulator_settings{}};
  auto pool = http_pool{on.server.port(), 1};
  auto outer = epoll_set{};
  outer.add(pool.descriptor(), 7, true, false);
  auto status = 0;
  pool.send(
    {http_text("GET", "/figures"), {}, [&](const pool_answer& got) { status = got.status; }});
  for (const auto due = bench_clock::now() + 10s; status == 0 && bench_clock::now() < due;)
    outer.wait(100ms, [&](std::uint64_t id, bool, bool) {
      CHECK(id == 7);
      pool.turn(0ns);
    });
  CHECK(status == 200);
}

TEST_CASE("bench: the simulator can always deliver", "[bench]") {
  auto set = simulator_settings{};
  set.always_delivers = true;
  set.record = true;
  auto on = served{set};
  auto pool = http_pool{on.server.port(), 1};
  auto status = 0;
  CHECK(fetch(pool, request_with(0), status).find("[FINAL]") != std::string::npos);
  CHECK(fetch(pool, http_text("GET", "/recorded/4"), status) == request_with(0));
}
