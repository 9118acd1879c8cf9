#include "providers/chat/openai.hpp"
#include "providers/chat/provider_row.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/providers/chat/wire_fixture.hpp"

#include <optional>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

const std::string stream_type = "text/event-stream; charset=utf-8";

std::string streamed(std::string_view text) {
  return event(R"({"choices":[{"delta":{"content":")" + std::string{text} + R"("}}]})")
         + event(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})")
         + event(R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":6}})")
         + "data: [DONE]\n\n";
}

struct fixture : wire_fixture {
  std::unique_ptr<chat_provider> provider(const loopback_server& server,
                                          std::string name = "nvidia") {
    auto options = openai_options{};
    options.provider = std::move(name);
    options.model = "m-1";
    options.api_key = "sk-secret";
    options.base_url = server.url("/v1");
    return std::move(*make_openai_provider(options, around()));
  }
};

}  // namespace

TEST_CASE("AC-CB-02 AC-CB-03 AC-OAI-01 a call is answered by every provider of the family",
          "[providers][openai]") {
  auto server = loopback_server{answer_with(plain_answer(streamed("hello"), stream_type))};
  auto f = fixture{};
  for (const auto& row : provider_rows()) {
    auto provider = f.provider(server, std::string{row.name});
    auto sink = std::make_shared<heard>();
    auto reply = call(*provider, ask(sink));
    REQUIRE(reply.has_value());
    CHECK(reply->text == "hello");
    CHECK(sink->text == "hello");
    CHECK(reply->usage == token_usage{4, 6, false});
    CHECK(reply->latency_ms == 5.0);
    CHECK(reply->size == message_size{5, 6});
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE("the request names model and key where they belong", "[providers][openai]") {
  auto seen = std::promise<std::string>{};
  auto server = loopback_server{[&](loopback_peer& peer) {
    seen.set_value(peer.read_request());
    peer.send(plain_answer(streamed("x"), stream_type));
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  REQUIRE(call(*provider, ask()).has_value());
  auto request = seen.get_future().get();
  CHECK(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK(request.find("Authorization: Bearer sk-secret\r\n") != std::string::npos);
  CHECK(request.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(request.find(R"("model":"m-1")") != std::string::npos);
  CHECK(request.find("the prompt") != std::string::npos);
}

TEST_CASE("usage that is not reported is counted", "[providers][openai]") {
  auto body = event(R"({"choices":[{"delta":{"content":"four"},"finish_reason":"stop"}]})");
  auto server = loopback_server{answer_with(plain_answer(body, stream_type))};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto reply = call(*provider, ask());
  REQUIRE(reply.has_value());
  CHECK(reply->usage == token_usage{11, 4, true});
}

TEST_CASE("AC-ERR-05 AC-ERR-06 errors carry status and hint, never key or prompt",
          "[providers][openai]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    peer.read_request();
    peer.send(plain_answer(R"({"error":{"message":"sk-secret sent: the prompt","code":"tokens"}})",
                           "application/json\r\nRetry-After: 30", "429 Too Many Requests"));
    peer.read_request();
    peer.send(plain_answer("{}", "application/json", "404 Not Found"));
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto busy = call(*provider, ask());
  REQUIRE(busy.has_error());
  CHECK(busy.error().kind == model_error_class::rate_limit);
  CHECK(busy.error().status == 429);
  CHECK(busy.error().retry_after == "30");
  CHECK(busy.error().detail.find("sk-secret") == std::string::npos);
  CHECK(busy.error().detail.find("prompt") == std::string::npos);
  auto missing = call(*provider, ask());
  REQUIRE(missing.has_error());
  CHECK(missing.error().kind == model_error_class::model_not_found);
  CHECK(missing.error().detail.find("model=m-1") != std::string::npos);
}

TEST_CASE("AC-OAI-14 a peer that stalls or breaks is a time-out", "[providers][openai]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    auto request = peer.read_request();
    if (request.find("text first") != std::string::npos) {
      peer.send(chunked_head(stream_type)
                + as_chunk(event(R"({"choices":[{"delta":{"content":"a"}}]})")));
    }
    if (request.find("then reset") != std::string::npos) {
      peer.send_in_pieces("1\r\n", 1);
      peer.reset();
    }
    peer.stall();
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto of = [&](std::string prompt) {
    auto request = ask();
    auto m = *request.context[0];
    m.content = shared_text{std::move(prompt)};
    request.context[0] = std::make_shared<message>(m);
    request.timeouts.first_token = 100ms;
    request.timeouts.between_tokens = 100ms;
    auto outcome = call(*provider, request);
    return outcome.has_error() ? outcome.error() : model_error{};
  };
  auto silent = of("silent");
  CHECK(silent.kind == model_error_class::backend_timeout);
  CHECK(silent.detail.find("first_byte") != std::string::npos);
  CHECK_FALSE(silent.output_begun);
  auto stalled = of("text first");
  CHECK(stalled.kind == model_error_class::backend_timeout);
  CHECK(stalled.detail.find("between") != std::string::npos);
  CHECK(stalled.output_begun);
  auto broken = of("text first then reset");
  CHECK(broken.kind == model_error_class::backend_timeout);
  CHECK(broken.reason == "broken_stream");
}

TEST_CASE("the end mark ends the call even when the connection stays open", "[providers][openai]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    peer.read_request();
    peer.send(chunked_head(stream_type) + as_chunk(streamed("all")));
    peer.stall();
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto reply = call(*provider, ask());
  REQUIRE(reply.has_value());
  CHECK(reply->text == "all");
}

TEST_CASE("an answer that has finished survives a broken connection", "[providers][openai]") {
  auto server = loopback_server{[](loopback_peer& peer) {
    peer.read_request();
    peer.send(
      chunked_head(stream_type)
      + as_chunk(event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})")));
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto reply = call(*provider, ask());
  REQUIRE(reply.has_value());
  CHECK(reply->text == "a");
}

TEST_CASE("a call that failed lets its connection go", "[providers][openai]") {
  auto gone = std::promise<void>{};
  auto server = loopback_server{[&](loopback_peer& peer) {
    peer.read_request();
    peer.send(chunked_head(stream_type) + as_chunk("data: nonsense\n\n"));
    peer.stall();
    gone.set_value();
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto broken = call(*provider, ask());
  REQUIRE(broken.has_error());
  CHECK(broken.error().reason == "broken_stream");
  CHECK(gone.get_future().wait_for(5s) == std::future_status::ready);
}

TEST_CASE("cancel aborts the request", "[providers][openai]") {
  auto got = std::promise<void>{};
  auto gone = std::promise<void>{};
  auto server = loopback_server{[&](loopback_peer& peer) {
    peer.read_request();
    got.set_value();
    peer.stall();
    gone.set_value();
  }};
  auto f = fixture{};
  auto provider = f.provider(server);
  auto s = begin(*provider, ask());
  got.get_future().wait();
  s.handle->cancel();
  CHECK(gone.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(s.outcome.wait_for(0ms) == std::future_status::timeout);
}

TEST_CASE("AC-CB-05 a provider without what it needs is not made", "[providers][openai]") {
  auto f = fixture{};
  auto fails = [&](auto change) {
    auto options = openai_options{};
    options.provider = "deepseek";
    options.model = "deepseek-chat";
    options.api_key = "k";
    change(options);
    auto made = make_openai_provider(options, f.around());
    return made.has_error() ? made.error() : model_error{};
  };
  CHECK(fails([](auto&) {}) == model_error{});
  auto keyless = fails([](auto& o) { o.api_key.clear(); });
  CHECK(keyless.kind == model_error_class::authentication);
  CHECK(keyless.detail.find("deepseek") != std::string::npos);
  CHECK_FALSE(fails([](auto& o) { o.provider = "nobody"; }).detail.empty());
  CHECK_FALSE(fails([](auto& o) { o.model.clear(); }).detail.empty());
  CHECK_FALSE(fails([](auto& o) { o.base_url = "example.com"; }).detail.empty());
  CHECK_FALSE(fails([](auto& o) { o.extra_body = "[1]"; }).detail.empty());
  CHECK_FALSE(fails([](auto& o) { o.extra_body = "{\"a\":"; }).detail.empty());
  CHECK(fails([](auto& o) { o.extra_body = R"({"a":{"b":1}})"; }) == model_error{});
}
