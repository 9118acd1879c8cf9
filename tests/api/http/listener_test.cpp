#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"

using namespace persona_runtime;
using namespace std::chrono_literals;

TEST_CASE("HT-22 without keys only loopback is served", "[api][listener]") {
  const auto open = try_listen({}, "0.0.0.0:0");
  REQUIRE_FALSE(open.has_value());
  CHECK(open.error().detail.find("auth.keys") != std::string::npos);
  CHECK_FALSE(try_listen({}, "[::]:0").has_value());
  CHECK(try_listen({}, "127.0.0.1:0").has_value());
  CHECK(try_listen({}, "localhost:0").has_value());
  auto with_key = api_settings{};
  with_key.keys = {{"k", std::string(64, 'a'), {"alice"}, false}};
  CHECK(try_listen(with_key, "0.0.0.0:0").has_value());
}

TEST_CASE("an address that cannot be used is told with what to do", "[api][listener]") {
  auto server = test_server{};
  const auto taken = server.listen_again(server.address());
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().detail.find("another process listens there") != std::string::npos);
  for (const auto* address : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                              "127.0.0.1:65536", "example.com:80", ":80"}) {
    CAPTURE(address);
    const auto refused = try_listen({}, address);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail.find("ADDRESS:PORT") != std::string::npos);
  }
  auto bad_key = api_settings{};
  bad_key.keys = {{"ops", "short", {"a"}, false}};
  CHECK(try_listen(bad_key, "127.0.0.1:0").error().detail.find("sha256") != std::string::npos);
}

TEST_CASE("connections are spread over threads and served by all", "[api][listener]") {
  auto server = test_server{{}, 3};
  const auto run = server.engine.add_run("local-owner");
  auto clients = std::vector<std::unique_ptr<raw_client>>{};
  for (auto i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.address()));
    clients.back()->request("GET", "/v1/runs/" + run.value + "/events");
    CHECK(clients.back()->read_answer().status == 200);
  }
  REQUIRE(server.engine.wait_for_viewers(run, 9));
  server.engine.finish(run);
  for (const auto& client : clients) {
    CHECK(client->read_to_end().find("event: end") != std::string::npos);
  }
  CHECK(server.engine.wait_for_viewers(run, 0));
}

TEST_CASE("one connection too many is told so at once", "[api][listener]") {
  auto settings = api_settings{};
  settings.http.open_max = 2;
  auto server = test_server{settings};
  auto first = raw_client{server.address()};
  auto second = raw_client{server.address()};
  CHECK(first.ask("GET", "/livez").status == 200);
  CHECK(second.ask("GET", "/livez").status == 200);
  auto third = raw_client{server.address()};
  const auto refused = third.ask("GET", "/livez");
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "1");
  CHECK(refused.body.find(R"("error":"overloaded")") != std::string::npos);
  CHECK(third.is_closed_by_server());
  CHECK(first.ask("GET", "/livez").status == 200);
}

TEST_CASE("out of descriptors the server waits, and goes on when there are some",
          "[api][listener]") {
  auto calls_for_help = std::atomic<int>{0};
  auto server = test_server{{}, 1, [&] { ++calls_for_help; }};
  auto open = raw_client{server.address()};
  CHECK(open.ask("GET", "/livez").status == 200);
  auto taken = test::no_descriptors{};
  taken.free_some(1);
  auto waiting = raw_client{server.address()};  // takes the last one; the kernel connects it
  waiting.request("GET", "/livez");
  auto pauses = std::string{"\npersona_http_accept_pauses_total 0\n"};
  while (open.ask("GET", "/metrics").body.find(pauses) != std::string::npos) {
  }
  CHECK(open.ask("GET", "/livez").status == 200);
  CHECK(calls_for_help > 0);
  const auto said = server.log->saying("no connection can be accepted for a moment");
  REQUIRE_FALSE(said.empty());
  CHECK(said[0].fields == "reason=Too many open files");
  taken.release();
  CHECK(waiting.read_answer().status == 200);
}

TEST_CASE("after stop_accepting nobody connects, and open connections finish", "[api][listener]") {
  auto server = test_server{};
  server.engine.hold_starts();
  auto busy = raw_client{server.address()};
  auto idle = raw_client{server.address()};
  CHECK(idle.ask("GET", "/livez").status == 200);
  busy.request("POST", "/v1/runs", R"({"persona_id":"p","task":"t"})");
  CHECK(idle.ask("GET", "/livez").status == 200);
  const auto address = server.address();
  server.stop_accepting();
  CHECK_THROWS(raw_client{address});
  CHECK(idle.is_closed_by_server());
  server.engine.release();
  const auto answer = busy.read_answer();
  CHECK(answer.status == 202);
  CHECK(answer.header("connection") == "close");
  CHECK(busy.is_closed_by_server());
}

TEST_CASE("close_all closes everything; late answers and events are dropped", "[api][listener]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.hold_starts();
  auto waiting = raw_client{server.address()};
  waiting.request("POST", "/v1/runs", R"({"persona_id":"p","task":"t"})");
  auto viewer = raw_client{server.address()};
  viewer.request("GET", "/v1/runs/" + run.value + "/events");
  CHECK(viewer.read_answer().status == 200);
  server.stop_accepting();
  server.close_all();
  CHECK(server.engine.viewers(run) == 0);
  CHECK(waiting.is_closed_by_server());
  CHECK(viewer.is_closed_by_server());
  server.engine.release();
  server.engine.emit(run, "thinking");
  server.close_all();  // again: nothing
}
