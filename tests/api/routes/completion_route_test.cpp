// POST /v1/chat/completions and GET /v1/models over a socket.

#include "domain/text/sha256.hpp"
#include "tests/api/test_server.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

constexpr auto path = "/v1/chat/completions";

std::string body_of(const std::string& fields = "") {
  return R"({"model":"persona_1","messages":[{"role":"user","content":"Hello"}])"
         + (fields.empty() ? "" : "," + fields) + "}";
}

completion_end said(std::string text) {
  auto end = completion_end{};
  end.status = message_status::complete;
  end.text = std::move(text);
  end.usage = {3, 4, false};
  return end;
}

completion_end failed(std::string kind) {
  auto end = completion_end{};
  end.error_kind = std::move(kind);
  end.error = "so it is";
  return end;
}

/// Of a streamed answer whose head and first piece the client has.
std::shared_ptr<completion_listener> begun_stream(test_server& server, raw_client& client) {
  client.request("POST", path, body_of(R"("stream":true)"));
  auto to = server.engine.answers.listener();
  REQUIRE(to != nullptr);
  to->on_text("It ");
  client.read_answer();
  return to;
}

std::size_t times(const std::string& text, const std::string& part) {
  auto n = std::size_t{0};
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

}  // namespace

TEST_CASE("a completion is answered whole", "[api][completion]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  client.request("POST", path, body_of(R"("stop":"END")"));
  const auto to = server.engine.answers.listener();
  REQUIRE(to != nullptr);
  to->on_text("It is");
  to->on_end(said("It is. END not this"));
  const auto answer = client.read_answer();
  CHECK(answer.status == 200);
  CHECK(has(answer.body, R"("content":"It is. ")"));
  CHECK(has(answer.body, R"("total_tokens":7)"));
  CHECK(has(answer.body, R"("id":"chatcmpl-1")"));
  CHECK(has(answer.body, R"("created":1767225600)"));
  CHECK(server.engine.answers.last().persona.value == "persona_1");
  CHECK(server.engine.answers.wait_until_none_is_held());
}

TEST_CASE("a completion is streamed in chunks, with usage when it is asked for",
          "[api][completion]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  client.request("POST", path, body_of(R"("stream":true,"stream_options":{"include_usage":true})"));
  const auto to = server.engine.answers.listener();
  REQUIRE(to != nullptr);
  to->on_text("It ");
  CHECK(client.read_answer().header("content-type") == "text/event-stream");
  auto all = client.read_until("It ");
  to->on_text("is.");
  to->on_end(said("It is."));
  all += client.read_to_end();
  CHECK(times(all, "data: ") == 6);  // role, two pieces, finish, usage, [DONE]
  CHECK(times(all, "id: ") == 0);
  CHECK(has(all, R"("delta":{"role":"assistant","content":""})"));
  CHECK(has(all, R"("delta":{"content":"is."})"));
  CHECK(has(all, R"("finish_reason":"stop")"));
  CHECK(has(all, R"("total_tokens":7)"));
  CHECK(all.ends_with("data: [DONE]\n\n"));
  CHECK(client.is_stream_complete());
}

TEST_CASE("calls of the client's tools are streamed whole", "[api][completion]") {
  auto server = test_server{};
  auto client = raw_client{server.address()};
  client.request("POST", path, body_of(R"("stream":true)"));
  const auto to = server.engine.answers.listener();
  REQUIRE(to != nullptr);
  auto end = said("");
  end.calls = {{"look", R"({"a":1})", "call_1", false}};
  end.finish = finish_reason::tool_calls;
  to->on_end(end);
  client.read_answer();
  const auto all = client.read_to_end();
  CHECK(has(all, R"("tool_calls":[{"index":0,"id":"call_1","type":"function")"));
  CHECK(has(all, R"("finish_reason":"tool_calls")"));
}

TEST_CASE("an error before the first piece has a status, one after it a frame",
          "[api][completion]") {
  auto server = test_server{};
  SECTION("before") {
    auto client = raw_client{server.address()};
    client.request("POST", path, body_of(R"("stream":true)"));
    const auto to = server.engine.answers.listener();
    REQUIRE(to != nullptr);
    to->on_end(failed("rate_limited"));
    const auto answer = client.read_answer();
    CHECK(answer.status == 429);
    CHECK(has(answer.body, R"("code":"rate_limit_exceeded")"));
  }
  SECTION("after") {
    auto client = raw_client{server.address()};
    const auto to = begun_stream(server, client);
    to->on_end(failed("provider_unavailable"));
    const auto all = client.read_to_end();
    CHECK(has(all, R"(data: {"error":{"message":"so it is")"));
    CHECK_FALSE(has(all, "[DONE]"));
  }
  SECTION("a refusal that comes late") {
    auto client = raw_client{server.address()};
    const auto to = begun_stream(server, client);
    to->on_refused({errc::overloaded, "cannot be watched"});
    to->on_end(said("passed over"));
    const auto all = client.read_to_end();
    CHECK(has(all, R"(data: {"error":{"message":"cannot be watched")"));
    CHECK_FALSE(has(all, "[DONE]"));
  }
  SECTION("whole") {
    auto client = raw_client{server.address()};
    client.request("POST", path, body_of());
    const auto to = server.engine.answers.listener();
    REQUIRE(to != nullptr);
    to->on_end(failed("provider_unavailable"));
    const auto answer = client.read_answer();
    CHECK(answer.status == 502);
    CHECK(answer.header("x-should-retry") == "false");
  }
}

TEST_CASE("a client that goes away lets its completion go", "[api][completion]") {
  auto server = test_server{};
  const auto fields = GENERATE(std::string{}, std::string{R"("stream":true)"});
  {
    auto client = raw_client{server.address()};
    client.request("POST", path, body_of(fields));
    REQUIRE(server.engine.answers.listener() != nullptr);
  }
  CHECK(server.engine.answers.wait_until_none_is_held());
}

TEST_CASE("refusals come in OpenAI's form", "[api][completion]") {
  auto settings = api_settings{};
  settings.keys = {{"a", sha256_text("alice-key"), {"alice"}, false}};
  settings.rates.messages_per_minute = 3;
  auto server = test_server{settings};
  const auto key = std::string{"Authorization: Bearer alice-key\r\n"};
  const auto none = server.ask("POST", path, body_of());
  CHECK(none.status == 401);
  CHECK(has(none.body, R"("code":"invalid_api_key")"));
  CHECK(has(server.ask("GET", "/v1/models").body, R"("code":"invalid_api_key")"));
  CHECK(has(server.ask("POST", path, "{", key).body, R"("type":"invalid_request_error")"));
  CHECK(server.ask("POST", path, body_of(R"("n":2)"), key).status == 400);
  server.engine.answers.fail_with(failure{errc::persona_not_found, "there is no persona p"});
  const auto unknown = server.ask("POST", path, body_of(), key);
  CHECK(unknown.status == 404);
  CHECK(has(unknown.body, R"("param":"model","code":"model_not_found")"));
  CHECK(
    server.ask("POST", path, R"({"model":"../x","messages":[{"role":"user","content":"x"}]})", key)
      .status
    == 404);
  const auto many = server.ask("POST", path, body_of(), key);
  CHECK(many.status == 429);
  CHECK(has(many.body, R"("code":"rate_limit_exceeded")"));
  CHECK(many.header("retry-after") != "");
}

TEST_CASE("personas are the models", "[api][completion]") {
  auto server = test_server{};
  CHECK(server.ask("GET", "/v1/models").body == R"({"object":"list","data":[]})");
  server.ask("POST", "/v1/personas", R"({"yaml":"identity: {name: Astrid}"})");
  CHECK(has(server.ask("GET", "/v1/models").body, R"("object":"model")"));
}
