#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace std::chrono_literals;

namespace {

api_settings impatient_with_readers() {
  auto settings = api_settings{};
  settings.http.heartbeat = 40ms;
  settings.http.slow_reader = 200ms;
  settings.http.slow_reader_buffer = 64 << 10;
  return settings;
}

std::string events_path(const run_id& run, const std::string& query = "") {
  return "/v1/runs/" + run.value + "/events" + query;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  auto count = std::size_t{0};
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("a viewer that is refused gets its status before anything is streamed", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.fail_with(failure{errc::overloaded, "the run has 2 viewers", 5s});
  for (const auto* query : {"", "?after=0", "?until=now"}) {
    CAPTURE(query);
    const auto refused = server.ask("GET", events_path(run, query));
    CHECK(refused.status == 503);
    CHECK(refused.header("retry-after") == "5");
    CHECK(refused.header("content-type") == "application/json");
    CHECK(refused.body
          == R"({"error":"overloaded","detail":"the run has 2 viewers","context":{"run_id":")"
               + run.value + "\"}}");
  }
  server.engine.fail_with({});
  CHECK(server.ask("GET", events_path(run, "?until=now")).status == 200);
}

TEST_CASE("SE-09 SE-12 a stream begins with started and ends with end", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run));
  const auto head = client.read_answer();
  CHECK(head.status == 200);
  CHECK(head.header("content-type") == "text/event-stream");
  CHECK(head.header("cache-control") == "no-store");
  REQUIRE(server.engine.wait_for_viewers(run, 1));
  server.engine.emit(run, "completed", R"({"output":"ærlig talt"})");
  server.engine.finish(run);
  const auto text = client.read_to_end();
  CHECK(text.find("id: 0\nevent: started\ndata: {\"seq\":0,") == 0);
  CHECK(has(text, "id: 1\nevent: completed\ndata: {\"seq\":1,"));
  CHECK(has(text, R"({"output":"ærlig talt"})"));
  CHECK(text.rfind("event: finished") < text.rfind("event: end"));
  CHECK(text.substr(text.size() - 22) == "\nevent: end\ndata: {}\n\n");
  CHECK(client.is_stream_complete());
  CHECK(server.engine.wait_for_viewers(run, 0));
}

TEST_CASE("a connection serves further requests after a stream", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.finish(run);
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run));
  CHECK(client.read_answer().status == 200);
  CHECK(has(client.read_to_end(), "event: end"));
  CHECK(client.ask("GET", "/livez").status == 200);
}

TEST_CASE("SE-13 a viewer goes on behind its cursor, without loss or repeat", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.emit(run, "thinking");
  server.engine.emit(run, "reasoning");
  for (const auto& [query, header] :
       {std::pair{"?after=0&until=now", ""}, std::pair{"?until=now", "Last-Event-ID: 0\r\n"},
        std::pair{"?after=1&until=now", "Last-Event-ID: 0\r\n"}}) {
    CAPTURE(query, header);
    auto client = raw_client{server.address()};
    client.request("GET", events_path(run, query), "", header);
    CHECK(client.read_answer().status == 200);
    const auto text = client.read_to_end();
    CHECK_FALSE(has(text, "event: started"));
    CHECK(text.find("id: 1\nevent: thinking") == 0);
    CHECK(has(text, "id: 2\nevent: reasoning"));
    CHECK(has(text, "event: end"));
  }
  CHECK(server.ask("GET", events_path(run, "?after=x")).status == 422);
  CHECK(server.ask("GET", events_path(run, "?until=later")).status == 422);
}

TEST_CASE("a cursor at finished gives 204, so that an EventSource stops", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.finish(run);
  CHECK(server.ask("GET", events_path(run, "?after=1")).status == 204);
  CHECK(server.ask("GET", events_path(run, "?after=1&until=now")).status == 204);
  CHECK(server.ask("GET", events_path(run, "?after=900")).status == 204);
  CHECK(server.ask("GET", events_path({"run_none"})).status == 404);
}

TEST_CASE("a cursor past the last event of a live run waits for the next one", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run, "?after=0"));
  CHECK(client.read_answer().status == 200);  // the head comes although there is no event
  server.engine.emit(run, "thinking");
  CHECK(client.read_until("\n\n").find("id: 1\nevent: thinking") == 0);
}

TEST_CASE("SE-14 silence is broken by comments", "[api][stream]") {
  auto server = test_server{impatient_with_readers()};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run));
  client.read_answer();
  client.read_until("event: started");
  client.read_until("\n\n");
  CHECK(client.read_until("\n\n") == ":\n\n");
  CHECK(client.read_until("\n\n") == ":\n\n");
  server.engine.emit(run, "thinking");
  CHECK(has(client.read_until("thinking"), "id: 1"));
}

TEST_CASE("live text has no id and does not move the cursor", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run));
  client.read_answer();
  client.read_until("\n\n");
  server.engine.delta(run, 2, R"({"text":"be","snapshot":true})");
  CHECK(
    client.read_until("\n\n")
    == "event: delta\ndata: {\"run_id\":\"" + run.value
         + "\",\"type\":\"delta\",\"step\":2,\"data\":{\"text\":\"be\",\"snapshot\":true}}\n\n");
  CHECK(server.engine.acked(run) == 1);
}

TEST_CASE("NDJSON is one event a line", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.finish(run);
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run), "", "Accept: application/x-ndjson\r\n");
  CHECK(client.read_answer().header("content-type") == "application/x-ndjson");
  const auto text = client.read_to_end();
  CHECK(count_of(text, "\n") == 2);
  CHECK(text.find(R"({"seq":0,)") == 0);
  CHECK(text.back() == '\n');
}

TEST_CASE("only what the socket has taken is acknowledged", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address(), 4'096};
  client.request("GET", events_path(run));
  client.read_answer();
  CHECK(server.engine.wait_for_ack(run, 1));
  // Far more than slow_reader_buffer: what is acknowledged as it goes need not fit into it.
  server.engine.emit_many(run, 100, 64 << 10);
  server.engine.emit_many(run, 100, 64 << 10);
  CHECK(server.engine.acked(run) < 201);
  const auto text = client.read_until("id: 200\n");
  CHECK(count_of(text, "event: tool_result") == 199);
  client.read_until("\n\n");
  CHECK(server.engine.wait_for_ack(run, 201));
}

TEST_CASE("a viewer whose buffer of live text is full is cut, others are not", "[api][stream]") {
  auto server = test_server{impatient_with_readers()};
  const auto run = server.engine.add_run("local-owner");
  auto slow = raw_client{server.address(), 4'096};
  auto quick = raw_client{server.address()};
  for (auto* client : {&slow, &quick}) {
    client->request("GET", events_path(run));
    client->read_answer();
    client->read_until("\n\n");
  }
  REQUIRE(server.engine.wait_for_viewers(run, 2));
  // Far more than socket buffers hold; the quick one reads every piece before the next.
  const auto text = R"({"text":")" + std::string(32 << 10, 'x') + R"("})";
  for (auto i = 0; server.engine.viewers(run) == 2 && i < 4'000; ++i) {
    server.engine.delta(run, 0, text);
    quick.read_until("\n\n");
  }
  CHECK(server.engine.viewers(run) == 1);
  server.engine.finish(run);
  CHECK(has(quick.read_to_end(), "event: end"));
  CHECK_FALSE(has(slow.read_to_end(), "event: end"));
  CHECK_FALSE(slow.is_stream_complete());
  CHECK(server.metric("persona_http_viewers_cut_total") == 1);
}

TEST_CASE("a viewer that takes nothing for slow_reader is cut", "[api][stream]") {
  auto server = test_server{impatient_with_readers()};
  const auto run = server.engine.add_run("local-owner");
  auto slow = raw_client{server.address(), 4'096};
  slow.request("GET", events_path(run));
  slow.read_answer();
  REQUIRE(server.engine.wait_for_viewers(run, 1));
  server.engine.emit_many(run, 100, 64 << 10);  // events: the buffer's bound does not cut them
  CHECK(server.engine.wait_for_viewers(run, 0));
  CHECK(server.metric("persona_http_viewers_cut_total") == 1);
}

TEST_CASE("a client that goes away is noticed while nothing is sent", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  {
    auto client = raw_client{server.address()};
    client.request("GET", events_path(run));
    client.read_answer();
    REQUIRE(server.engine.wait_for_viewers(run, 1));
    CHECK(server.metric("persona_http_viewers") == 1);
  }
  CHECK(server.engine.wait_for_viewers(run, 0));
  CHECK(server.metric("persona_http_viewers") == 0);
}

TEST_CASE("a stream that the engine ends is complete but has no end event", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run));
  client.read_answer();
  REQUIRE(server.engine.wait_for_viewers(run, 1));
  server.engine.end_viewers(run, run_viewer::end::shut_down);
  CHECK_FALSE(has(client.read_to_end(), "event: end"));
  CHECK(client.is_stream_complete());
}

TEST_CASE("a viewer that the engine cuts off sees the connection break", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  auto client = raw_client{server.address()};
  client.request("GET", events_path(run));
  client.read_answer();
  REQUIRE(server.engine.wait_for_viewers(run, 1));
  server.engine.end_viewers(run, run_viewer::end::cut_off);
  client.read_to_end();
  CHECK_FALSE(client.is_stream_complete());
}

TEST_CASE("an HTTP/1.0 client gets the bare frames until the connection closes", "[api][stream]") {
  auto server = test_server{};
  const auto run = server.engine.add_run("local-owner");
  server.engine.finish(run);
  auto client = raw_client{server.address()};
  client.send("GET " + events_path(run) + " HTTP/1.0\r\n\r\n");
  const auto head = client.read_answer(false);
  CHECK(head.header("transfer-encoding").empty());
  CHECK(head.header("connection") == "close");
  const auto text = client.read_to_end();
  CHECK(text.find("id: 0\n") == 0);
  CHECK(has(text, "event: end\ndata: {}\n\n"));
}
