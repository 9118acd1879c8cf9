#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <string>
#include <vector>

using namespace persona_runtime;
using namespace std::chrono_literals;

namespace {

api_settings impatient_with_senders() {
  auto settings = api_settings{};
  settings.http.header = 60ms;
  settings.http.body = 60ms;
  settings.http.idle = 60ms;
  return settings;
}

}  // namespace

TEST_CASE("a connection serves one request after the other", "[api][connection]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  for (auto i = 0; i < 3; ++i) {
    const auto answer = client.ask("GET", "/livez");
    CHECK(answer.status == 200);
    CHECK(answer.header("connection") == "keep-alive");
    CHECK(answer.header("date") == "Thu, 01 Jan 2026 00:00:00 GMT");
  }
  client.request("GET", "/livez", "", "Connection: close\r\n");
  CHECK(client.read_answer().header("connection") == "close");
  CHECK(client.is_closed_by_server());
}

TEST_CASE("pipelined requests are answered in order, however many", "[api][connection]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  auto text = std::string{"\r\n"};
  for (auto i = 0; i < 2'000; ++i) {
    text += i % 2 == 0 ? "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
                       : "GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  client.send(text);
  for (auto i = 0; i < 2'000; ++i) {
    const auto answer = client.read_answer();
    REQUIRE(answer.status == 200);
    REQUIRE((answer.body.find("items") == std::string::npos) == (i % 2 == 0));
  }
}

TEST_CASE("a request behind one that waits is answered after it", "[api][connection]") {
  auto server = test_server{};
  server.engine.hold_starts();
  auto client = raw_client{server.address()};
  client.request("POST", "/v1/runs", R"({"persona_id":"p","task":"t"})");
  client.request("GET", "/livez");
  CHECK(server.ask("GET", "/livez").status == 200);
  server.engine.release();
  CHECK(client.read_answer().status == 202);
  CHECK(client.read_answer().body == R"({"status":"ok"})");
}

TEST_CASE("a client that has closed its side still gets the answer", "[api][connection]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  client.request("GET", "/v1/runs");
  client.finish_sending();
  CHECK(client.read_answer().status == 200);
  CHECK(client.is_closed_by_server());
}

TEST_CASE("slow heads and bodies get 408, silent connections are closed", "[api][connection]") {
  auto server = test_server{impatient_with_senders()};
  auto slow_head = raw_client{server.address()};
  slow_head.send("GET /livez HTTP/1.1\r\nHo");
  auto slow_body = raw_client{server.address()};
  slow_body.send("POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{");
  auto silent = raw_client{server.address()};
  auto idle = raw_client{server.address()};
  CHECK(idle.ask("GET", "/livez").status == 200);
  CHECK(slow_head.read_answer().status == 408);
  const auto answer = slow_body.read_answer();
  CHECK(answer.status == 408);
  CHECK(answer.body.find(R"("error":"request_timeout")") != std::string::npos);
  CHECK(silent.is_closed_by_server());
  CHECK(idle.is_closed_by_server());
}

TEST_CASE("what is too large is told, and the connection closed", "[api][connection]") {
  auto server = test_server{};
  auto head = raw_client{server.address()};
  head.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(17'000, 'x')
            + "\r\n\r\n");
  CHECK(head.read_answer().status == 431);
  CHECK(head.is_closed_by_server());
  auto body = raw_client{server.address()};
  body.send("POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n");
  const auto answer = body.read_answer();
  CHECK(answer.status == 413);
  CHECK(answer.body.find(R"("error":"body_too_large")") != std::string::npos);
  CHECK(answer.header("connection") == "close");
  auto whole = raw_client{server.address()};
  // The answer arrives although the client is still sending.
  whole.request("POST", "/v1/runs", std::string((1 << 20) + 1, 'x'));
  CHECK(whole.read_answer().status == 413);
  auto fits = raw_client{server.address()};
  fits.request("POST", "/v1/runs", "\"" + std::string((1 << 20) - 2, 'x') + "\"");
  CHECK(fits.read_answer().status == 422);
}

TEST_CASE("bytes that are no HTTP are answered 400", "[api][connection]") {
  auto server = test_server{};
  for (const auto* bytes :
       {"\x16\x03\x01\x02\r\n\r\n", "hello\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n"}) {
    auto client = raw_client{server.address()};
    client.send(bytes);
    CHECK(client.read_answer().status == 400);
    CHECK(client.is_closed_by_server());
  }
}

TEST_CASE("a client that asks for the word to continue gets it", "[api][connection]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  client.send("POST /v1/personas HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              "Expect: 100-continue\r\nContent-Length: 23\r\n\r\n");
  CHECK(client.read_answer(false).status == 100);
  client.send(R"({"yaml":"identity: {}"})");
  CHECK(client.read_answer().status == 201);
}

TEST_CASE("large bodies have room for so many at a time", "[api][connection]") {
  auto server = test_server{};
  const auto head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                    "Expect: 100-continue\r\nContent-Length: "
                    + std::to_string(large_body_bytes_max) + "\r\n\r\n";
  const auto announce = [&](raw_client& client) {
    client.send(head);
    return client.read_answer(false).status;
  };
  for (auto round = 0; round < 2; ++round) {
    auto clients = std::vector<std::unique_ptr<raw_client>>{};
    for (auto i = std::size_t{0}; i < large_bodies_bytes_max / large_body_bytes_max; ++i) {
      clients.push_back(std::make_unique<raw_client>(server.address()));
      CHECK(announce(*clients.back()) == 100);
    }
    auto late = raw_client{server.address()};
    CHECK(announce(late) == 503);
    CHECK(server.ask("GET", "/livez").status == 200);
    for (const auto& client : clients) {
      client->finish_sending();  // what was taken is given back when they are gone
      CHECK(client->is_closed_by_server());
    }
  }
}

TEST_CASE("a large answer arrives whole", "[api][connection]") {
  auto server = test_server{};
  auto client = raw_client{server.address(), 4'096};
  const auto answer = client.ask("GET", "/openapi.json");
  CHECK(answer.body.size() == std::stoul(answer.header("content-length")));
  CHECK(answer.body.substr(answer.body.size() - 2) == "}\n");
}
