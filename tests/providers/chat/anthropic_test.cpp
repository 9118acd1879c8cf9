#include "providers/chat/answer_body.hpp"
#include "providers/chat/anthropic.hpp"
#include "providers/chat/anthropic_answer.hpp"
#include "providers/chat/anthropic_request.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/providers/chat/said_messages.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

model_result<answer_parts> anthropic_says(std::string_view bytes, text_sink* sink = nullptr,
                                          std::string_view type = "text/event-stream") {
  auto answer = std::make_unique<anthropic_answer>("anthropic", "m-1", sink);
  auto body = answer_body{std::move(answer), type};
  body.feed(bytes);
  return body.finish();
}

std::string block_delta(std::string_view delta, int index = 0) {
  return event(R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":{)"
               + std::string{delta} + "}}");
}

const std::string begins = event(
  R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":4,"output_tokens":1}}})");

std::string ends(std::string_view reason, int tokens) {
  return event(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string{reason}
               + R"("},"usage":{"output_tokens":)" + std::to_string(tokens) + "}}")
         + event(R"({"type":"message_stop"})");
}

std::string wire(const chat_request& request) {
  return anthropic_request_body({"m-1"}, request);
}

}  // namespace

TEST_CASE("AC-ANT-01 the system's words stand above the messages", "[providers][anthropic]") {
  const auto body = wire(asking({said(role::system, "Stay brief."), said(role::user, "Hello."),
                                 said(role::system, "Be kind.")}));
  CHECK(body
        == R"({"model":"m-1","max_tokens":4096,"system":"Stay brief.\n\nBe kind.",)"
           R"("messages":[{"role":"user","content":"Hello."}],"temperature":0,"stream":true})");
}

TEST_CASE("AC-ANT-02 AC-ANT-03 a whole answer with text and a call", "[providers][anthropic]") {
  const auto parts =
    anthropic_says(R"({"type":"message","content":[{"type":"text","text":"hello"},)"
                   R"({"type":"tool_use","id":"tu-5","name":"find","input":{"q":"otters"}}],)"
                   R"("stop_reason":"tool_use","usage":{"input_tokens":10,"output_tokens":5}})",
                   nullptr, "application/json");
  REQUIRE(parts.has_value());
  CHECK(parts->text == "hello");
  CHECK(parts->usage == token_usage{10, 5, false});
  CHECK(parts->finish == finish_reason::tool_calls);
  REQUIRE(parts->calls.size() == 1);
  CHECK(parts->calls[0] == tool_call{"find", R"({"q":"otters"})", "tu-5", false});
}

TEST_CASE("AC-ANT-04 the results of a round are one message", "[providers][anthropic]") {
  const auto body = wire(asking({
    said(role::user, "Look."),
    called("", {{"find", R"({"q":1})", "a"}, {"find", R"({"q":2})", "b"}}),
    returned("one", "a"),
    returned("disk full", "b", true),
    said(role::user, "And?"),
  }));
  CHECK(
    body.find(R"({"role":"assistant","content":[)"
              R"({"type":"tool_use","id":"a","name":"find","input":{"q":1}},)"
              R"({"type":"tool_use","id":"b","name":"find","input":{"q":2}}]},)"
              R"({"role":"user","content":[)"
              R"({"type":"tool_result","tool_use_id":"a","content":"one"},)"
              R"({"type":"tool_result","tool_use_id":"b","content":"disk full","is_error":true})"
              R"(]},{"role":"user","content":"And?"}])")
    != std::string::npos);
}

TEST_CASE("AC-ANT-05 a call comes in fragments", "[providers][anthropic]") {
  const auto parts = anthropic_says(
    begins
    + event(R"({"type":"content_block_start","index":0,)"
            R"("content_block":{"type":"tool_use","id":"toolu_77","name":"find","input":{}}})")
    + block_delta(R"("type":"input_json_delta","partial_json":"{\"wh")")
    + block_delta(R"("type":"input_json_delta","partial_json":"at\":\"damp\"}")")
    + ends("tool_use", 7));
  REQUIRE(parts.has_value());
  REQUIRE(parts->calls.size() == 1);
  CHECK(parts->calls[0] == tool_call{"find", R"({"what":"damp"})", "toolu_77", false});
}

TEST_CASE("a call without an id or arguments is one all the same", "[providers][anthropic]") {
  const auto parts = anthropic_says(begins
                                    + event(R"({"type":"content_block_start","index":3,)"
                                            R"("content_block":{"type":"tool_use","name":"find"}})")
                                    + ends("tool_use", 7));
  REQUIRE(parts.has_value());
  REQUIRE(parts->calls.size() == 1);
  CHECK(parts->calls[0] == tool_call{"find", "{}", "toolu_idx_3", false});
}

TEST_CASE("a call that the length cut off is never carried out", "[providers][anthropic]") {
  const auto parts = anthropic_says(
    begins
    + event(R"({"type":"content_block_start","index":0,)"
            R"("content_block":{"type":"tool_use","id":"t","name":"find"}})")
    + block_delta(R"("type":"input_json_delta","partial_json":"{\"wh")") + ends("max_tokens", 7));
  REQUIRE(parts.has_value());
  CHECK(parts->finish == finish_reason::length);
  CHECK(parts->calls.at(0).truncated);
}

TEST_CASE("AC-ANT-06 text and thinking in deltas, usage at the end", "[providers][anthropic]") {
  auto sink = heard{};
  const auto parts =
    anthropic_says(begins + event(R"({"type":"ping"})")
                     + block_delta(R"("type":"thinking_delta","thinking":"Hm.")")
                     + block_delta(R"("type":"signature_delta","signature":"xyz")")
                     + block_delta(R"("type":"text_delta","text":"Hel")", 1)
                     + block_delta(R"("type":"text_delta","text":"lo")", 1) + ends("end_turn", 2),
                   &sink);
  REQUIRE(parts.has_value());
  CHECK(parts->text == "Hello");
  CHECK(parts->reasoning == "Hm.");
  CHECK(sink.text == "Hello");
  CHECK(sink.reasoning == "Hm.");
  CHECK(parts->usage == token_usage{4, 2, false});
  CHECK(parts->finish == finish_reason::stop);
}

TEST_CASE("tokens from and to the cache are prompt tokens", "[providers][anthropic]") {
  const auto parts =
    anthropic_says(event(R"({"type":"message_start","message":{"usage":{"input_tokens":4,)"
                         R"("cache_creation_input_tokens":100,"cache_read_input_tokens":1000}}})")
                   + ends("end_turn", 2));
  REQUIRE(parts.has_value());
  CHECK(parts->usage == token_usage{1104, 2, false});
}

TEST_CASE("AC-ANT-07 an error within a stream has its class", "[providers][anthropic]") {
  const auto failed = [](std::string_view type) {
    return anthropic_says(begins
                          + event(R"({"type":"error","error":{"type":")" + std::string{type}
                                  + R"(","message":"no"}})"))
      .error();
  };
  CHECK(failed("authentication_error").kind == model_error_class::authentication);
  CHECK(failed("rate_limit_error").kind == model_error_class::rate_limit);
  CHECK(failed("not_found_error").kind == model_error_class::model_not_found);
  CHECK(failed("overloaded_error").status == 529);
}

TEST_CASE("AC-ANT-09 images keep their place and type", "[providers][anthropic]") {
  const auto body =
    wire(asking({pictured("What is it?", {{"a.png", image_type::png, shared_text{"xyz"}},
                                          {"b.jpg", image_type::jpeg, {}}})}));
  CHECK(body.find(R"({"role":"user","content":[{"type":"text","text":"What is it?"},)"
                  R"({"type":"image","source":{"type":"base64","media_type":"image/png",)"
                  R"("data":"eHl6"}},{"type":"text","text":"[image b.jpg]"}]})")
        != std::string::npos);
}

TEST_CASE("tools are offered, and can be offered but not wanted", "[providers][anthropic]") {
  auto request = asking({said(role::user, "Look.")});
  request.tools = one_tool();
  CHECK(wire(request).find(R"("tools":[{"name":"find","description":"Looks for it.",)"
                           R"("input_schema":{"type":"object"}}],"stream":true})")
        != std::string::npos);
  request.choice = tool_choice::none;
  CHECK(wire(request).find(R"("tool_choice":{"type":"none"})") != std::string::npos);
  CHECK(anthropic_request_body({"m-1", false}, request).find("tools") == std::string::npos);
}

TEST_CASE("a stream that breaks off is a broken one", "[providers][anthropic]") {
  const auto broken =
    anthropic_says(begins + block_delta(R"("type":"text_delta","text":"Hel")")).error();
  CHECK(broken.reason == "broken_stream");
  CHECK(broken.output_begun);
  CHECK(anthropic_says(event(R"({"type":)")).error().reason == "broken_stream");
  CHECK(anthropic_says(event("[]")).error().reason == "broken_stream");
}

TEST_CASE("what an endpoint must have is asked for", "[providers][anthropic]") {
  CHECK(make_anthropic_provider({"m-1", ""}, {}).error().kind == model_error_class::authentication);
  CHECK_FALSE(make_anthropic_provider({"", "key"}, {}).has_value());
  CHECK_FALSE(make_anthropic_provider({"m-1", "key", "gopher://x"}, {}).has_value());
}
