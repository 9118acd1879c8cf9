// What every provider behind HTTP holds, whatever it speaks (spec routing §3).

#include "providers/chat/answer_body.hpp"
#include "providers/chat/anthropic.hpp"
#include "providers/chat/anthropic_answer.hpp"
#include "providers/chat/ollama.hpp"
#include "providers/chat/ollama_answer.hpp"
#include "providers/chat/openai.hpp"
#include "providers/chat/openai_answer.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/providers/chat/wire_fixture.hpp"

#include <random>

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

using provider_ptr = std::unique_ptr<chat_provider>;
using documents_ptr = std::unique_ptr<answer_documents>;

/// One protocol: who speaks it, and an answer with the text "hællø" (one letter as bytes that a cut
/// can part, one escaped), a call and the usage 4/6.
struct dialect {
  std::string name;
  std::string type;
  std::string answer;
  answer_form braced;
  std::function<model_result<provider_ptr>(std::string url, chat_surroundings)> provider;
  std::function<documents_ptr(text_sink*)> documents;
};

dialect openai_dialect() {
  return {
    "openai",
    "text/event-stream",
    event(R"({"choices":[{"delta":{"content":"hæl"}}]})")
      + event(R"({"choices":[{"delta":{"content":"l\u00f8"}}]})")
      + event(R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":)"
              R"({"name":"find","arguments":"{\"q\":"}}]}}]})")
      + event(R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":)"
              R"({"arguments":"1}"}}]},"finish_reason":"tool_calls"}]})")
      + event(R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":6}})")
      + "data: [DONE]\n\n",
    answer_form::document,
    [](std::string url, chat_surroundings around) {
      return make_openai_provider({"openai", "m-1", "key", std::move(url)}, std::move(around));
    },
    [](text_sink* sink) { return std::make_unique<openai_answer>("openai", "m-1", sink); }};
}

dialect anthropic_dialect() {
  const auto delta = [](std::string_view fields, char block) {
    return event(R"({"type":"content_block_delta","index":)" + std::string{block} + R"(,"delta":{)"
                 + std::string{fields} + "}}");
  };
  return {
    "anthropic",
    "text/event-stream",
    event(R"({"type":"message_start","message":{"usage":{"input_tokens":4}}})")
      + delta(R"("type":"text_delta","text":"hæl")", '0')
      + delta(R"("type":"text_delta","text":"l\u00f8")", '0')
      + event(R"({"type":"content_block_start","index":1,)"
              R"("content_block":{"type":"tool_use","id":"c","name":"find"}})")
      + delta(R"("type":"input_json_delta","partial_json":"{\"q\":")", '1')
      + delta(R"("type":"input_json_delta","partial_json":"1}")", '1')
      + event(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},)"
              R"("usage":{"output_tokens":6}})")
      + event(R"({"type":"message_stop"})"),
    answer_form::document,
    [](std::string url, chat_surroundings around) {
      return make_anthropic_provider({"m-1", "key", std::move(url)}, std::move(around));
    },
    [](text_sink* sink) { return std::make_unique<anthropic_answer>("anthropic", "m-1", sink); }};
}

dialect ollama_dialect() {
  return {"ollama",
          "application/x-ndjson",
          std::string{R"({"message":{"content":"hæl"},"done":false})"} + "\n"
            + R"({"message":{"content":"l\u00f8"},"done":false})" + "\r\n"
            + R"({"message":{"tool_calls":[{"function":{"name":"find","arguments":{"q":1}}}]}})"
            + "\n" + R"({"done":true,"done_reason":"stop","prompt_eval_count":4,"eval_count":6})"
            + "\n",
          answer_form::lines,
          [](std::string url, chat_surroundings around) {
            return make_ollama_provider({"m-1", "key", std::move(url)}, std::move(around));
          },
          [](text_sink* sink) { return std::make_unique<ollama_answer>("ollama", "m-1", sink); }};
}

std::vector<dialect> all_dialects() {
  return {openai_dialect(), anthropic_dialect(), ollama_dialect()};
}

void check_parts(std::string_view text, const std::vector<tool_call>& calls,
                 const std::optional<token_usage>& usage, finish_reason finish) {
  CHECK(text == "hællø");
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].name == "find");
  CHECK(calls[0].arguments == R"({"q":1})");
  CHECK_FALSE(calls[0].truncated);
  CHECK(usage == token_usage{4, 6, false});
  CHECK(finish == finish_reason::tool_calls);
}

}  // namespace

TEST_CASE("an answer means the same wherever it is cut", "[providers][wires]") {
  for (const auto& d : all_dialects()) {
    for (auto cut = std::size_t{0}; cut <= d.answer.size(); ++cut) {
      INFO(d.name << " cut at " << cut);
      auto sink = heard{};
      auto body = answer_body{d.documents(&sink), d.type, d.braced};
      body.feed(std::string{d.answer.substr(0, cut)}) && body.feed(d.answer.substr(cut));
      const auto parts = body.finish();
      REQUIRE(parts.has_value());
      check_parts(parts->text, parts->calls, parts->usage, parts->finish);
      CHECK(sink.text == "hællø");
      CHECK(sink.unshown == std::string_view{R"(find{"q":1})"}.size());
    }
  }
}

TEST_CASE("an answer that ends too early is a broken stream", "[providers][wires]") {
  for (const auto& d : all_dialects()) {
    INFO(d.name);
    auto body = answer_body{d.documents(nullptr), d.type, d.braced};
    body.feed(d.answer.substr(0, d.answer.size() / 3));
    CHECK(body.finish().error().reason == "broken_stream");
  }
}

TEST_CASE("AC-CB-02 AC-CB-03 a call over a socket, cut anywhere", "[providers][wires]") {
  auto random = std::mt19937{7};
  for (const auto& d : all_dialects()) {
    const auto bytes = plain_answer(d.answer, d.type);
    auto cuts = std::vector<std::size_t>{};
    for (auto i = 0; i < 50; ++i)
      cuts.push_back(1 + random() % (bytes.size() - 1));
    auto next = std::atomic<std::size_t>{0};
    auto server = loopback_server{[&](loopback_peer& peer) {
      while (!peer.read_request().empty()) {
        const auto cut = cuts.at(next++);
        peer.send_in_pieces(bytes.substr(0, cut), cut);  // until it has arrived
        peer.send(bytes.substr(cut));
      }
    }};
    auto f = wire_fixture{};
    auto provider = d.provider(server.url("/"), f.around());
    REQUIRE(provider.has_value());
    for (auto i = 0; i < 50; ++i) {
      INFO(d.name << " cut at " << cuts.at(static_cast<std::size_t>(i)));
      auto sink = std::make_shared<heard>();
      const auto reply = call(**provider, ask(sink));
      REQUIRE(reply.has_value());
      check_parts(reply->text, reply->calls, reply->usage, reply->finish);
      CHECK(sink->text == "hællø");
    }
  }
}

TEST_CASE("a status has its class in every protocol", "[providers][wires]") {
  const auto kind_of = [](const dialect& d, std::string_view status) {
    auto server = loopback_server{answer_with(
      "HTTP/1.1 " + std::string{status}
      + "\r\nContent-Type: application/json\r\nRetry-After: 30\r\nContent-Length: 31\r\n\r\n"
        R"({"error":{"message":"m-1: no"}})")};
    auto f = wire_fixture{};
    auto provider = d.provider(server.url("/"), f.around());
    return call(**provider, ask()).error();
  };
  for (const auto& d : all_dialects()) {
    INFO(d.name);
    CHECK(kind_of(d, "401 No").kind == model_error_class::authentication);
    CHECK(kind_of(d, "404 No").kind == model_error_class::model_not_found);
    CHECK(kind_of(d, "500 No").kind == model_error_class::provider_error);
    const auto limited = kind_of(d, "429 No");
    CHECK(limited.kind == model_error_class::rate_limit);
    CHECK(limited.retry_after == "30");
  }
}

TEST_CASE("what a head says of limits is passed on before the call ends", "[providers][wires]") {
  for (const auto& d : all_dialects()) {
    INFO(d.name);
    auto server = loopback_server{
      answer_with("HTTP/1.1 429 No\r\nX-RateLimit-Limit-Requests: 6000\r\n"
                  "X-RateLimit-Remaining-Requests: 0\r\nContent-Length: 2\r\n\r\n{}")};
    auto f = wire_fixture{};
    auto provider = d.provider(server.url("/"), f.around());
    auto said = std::vector<rate_report>{};
    auto request = ask();
    request.on_limits = [&](const rate_report& limits) { said.push_back(limits); };
    REQUIRE(call(**provider, std::move(request)).has_error());
    REQUIRE(said.size() == 1);
    CHECK(said[0].requests == rate_window{6'000, 0, std::nullopt});
  }
}

TEST_CASE("a head that says nothing of limits is not passed on", "[providers][wires]") {
  for (const auto& d : all_dialects()) {
    INFO(d.name);
    auto server = loopback_server{answer_with("HTTP/1.1 429 No\r\nContent-Length: 2\r\n\r\n{}")};
    auto f = wire_fixture{};
    auto provider = d.provider(server.url("/"), f.around());
    auto times = 0;
    auto request = ask();
    request.on_limits = [&](const rate_report&) { ++times; };
    REQUIRE(call(**provider, std::move(request)).has_error());
    CHECK(times == 0);
  }
}

TEST_CASE("a cancelled call ends its connection, in every protocol", "[providers][wires]") {
  for (const auto& d : all_dialects()) {
    INFO(d.name);
    auto asked = std::promise<void>{};
    auto gone = std::promise<void>{};
    auto server = loopback_server{[&](loopback_peer& peer) {
      peer.read_request();
      asked.set_value();
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: " + d.type + "\r\n\r\n"
                + d.answer.substr(0, d.answer.size() / 3));
      peer.stall();
      gone.set_value();
    }};
    auto f = wire_fixture{};
    auto provider = d.provider(server.url("/"), f.around());
    auto s = begin(**provider, ask());
    REQUIRE(asked.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
    s.handle->cancel();
    CHECK(gone.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
  }
}
