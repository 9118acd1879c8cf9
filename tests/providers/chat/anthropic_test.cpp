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
  CHECK(parts->usage == token_usage{1104, 2, false, 1000, 100});
}

TEST_CASE("a later report of usage repeats or leaves out", "[providers][anthropic]") {
  const auto started =
    event(R"({"type":"message_start","message":{"usage":{"input_tokens":4,"output_tokens":1,)"
          R"("cache_creation_input_tokens":100,"cache_read_input_tokens":1000}}})");
  const auto ended = [](std::string_view usage) {
    return event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{)"
                 + std::string{usage} + "}}")
           + event(R"({"type":"message_stop"})");
  };
  const auto expected = token_usage{1104, 9, false, 1000, 100};
  CHECK(anthropic_says(started + ended(R"("output_tokens":9)"))->usage == expected);
  CHECK(anthropic_says(started + ended(R"("input_tokens":4,"output_tokens":9)"))->usage
        == expected);
  CHECK(anthropic_says(started
                       + ended(R"("input_tokens":4,"cache_creation_input_tokens":100,)"
                               R"("cache_read_input_tokens":1000,"output_tokens":9)"))
          ->usage
        == expected);
}

TEST_CASE("numbers of tokens that cannot be are no larger than any can be",
          "[providers][anthropic]") {
  const auto parts = anthropic_says(
    event(R"({"type":"message_start","message":{"usage":{"input_tokens":18446744073709551615}}})")
    + ends("end_turn", 2));
  REQUIRE(parts.has_value());
  CHECK(parts->usage->prompt == 1'000'000'000'000);
}

namespace {

const std::string thinks =
  event(R"({"type":"content_block_start","index":0,)"
        R"("content_block":{"type":"thinking","thinking":"","signature":""}})")
  + block_delta(R"("type":"thinking_delta","thinking":"H\u00f8\n")")
  + block_delta(R"("type":"thinking_delta","thinking":"m.")")
  + block_delta(R"("type":"signature_delta","signature":"c2ln==")")
  + event(R"({"type":"content_block_start","index":1,)"
          R"("content_block":{"type":"redacted_thinking","data":"ZW5j"}})");
const std::string uses = event(R"({"type":"content_block_start","index":2,)"
                               R"("content_block":{"type":"tool_use","id":"t","name":"find"}})");
const std::string sealed_blocks = R"({"type":"thinking","thinking":"Hø\nm.","signature":"c2ln=="},)"
                                  R"({"type":"redacted_thinking","data":"ZW5j"})";

}  // namespace

TEST_CASE("signed thinking is kept beside calls, as it came", "[providers][anthropic]") {
  const auto parts = anthropic_says(begins + thinks + uses + ends("tool_use", 7));
  REQUIRE(parts.has_value());
  CHECK(parts->reasoning == "Hø\nm.");
  CHECK(parts->thinking == sealed_thinking{"anthropic/m-1", '[' + sealed_blocks + ']'});
  CHECK(anthropic_says(begins + thinks + ends("end_turn", 7))->thinking == sealed_thinking{});
  const auto unsigned_one = block_delta(R"("type":"thinking_delta","thinking":"m.")");
  CHECK(anthropic_says(begins + unsigned_one + uses + ends("tool_use", 7))->thinking
        == sealed_thinking{});
}

TEST_CASE("signed thinking of a whole answer is kept too", "[providers][anthropic]") {
  const auto parts =
    anthropic_says(R"({"content":[)" + sealed_blocks
                     + R"(,{"type":"tool_use","id":"t","name":"find","input":{}}],)"
                       R"("stop_reason":"tool_use"})",
                   nullptr, "application/json");
  REQUIRE(parts.has_value());
  CHECK(parts->thinking == sealed_thinking{"anthropic/m-1", '[' + sealed_blocks + ']'});
}

TEST_CASE("signed thinking stands before its calls, and only for who signed it",
          "[providers][anthropic]") {
  const auto sent = [](std::string by) {
    auto m = *called("Let me see.", {{"find", "{}", "t"}});
    m.thinking = {std::move(by), '[' + sealed_blocks + ']'};
    return wire(asking({said(role::user, "Look."), std::make_shared<message>(m),
                        returned("one", "t"), said(role::user, "And?")}));
  };
  CHECK(sent("anthropic/m-1")
          .find(R"({"role":"assistant","content":[)" + sealed_blocks
                + R"(,{"type":"text","text":"Let me see."},)"
                  R"({"type":"tool_use","id":"t")")
        != std::string::npos);
  CHECK(sent("anthropic/m-2").find("signature") == std::string::npos);
  CHECK(sent("").find("signature") == std::string::npos);
}

TEST_CASE("a thought without end is cut off at the reply's bound", "[providers][anthropic]") {
  const auto piece =
    block_delta(R"("type":"signature_delta","signature":")" + std::string(1u << 19, 's') + '"');
  auto answer = std::make_unique<anthropic_answer>("anthropic", "m-1", nullptr);
  auto body = answer_body{std::move(answer), "text/event-stream"};
  auto pieces = 0;
  while (pieces < 64 && body.feed(piece))
    ++pieces;
  CHECK(pieces == 15);
  CHECK(body.finish().error().detail.find("8 MiB") != std::string::npos);
}

TEST_CASE("what the next call begins with is asked to be kept", "[providers][anthropic]") {
  const std::string mark = R"("cache_control":{"type":"ephemeral"})";
  const auto marks = [&](const std::string& body) {
    auto count = 0;
    for (auto at = body.find(mark); at != std::string::npos; at = body.find(mark, at + 1))
      ++count;
    return count;
  };
  const auto words = std::string(4096, 'w');
  auto request = asking({said(role::system, words), said(role::user, "Look."),
                         called("", {{"find", "{}", "a"}, {"find", "{}", "b"}}),
                         returned("one", "a"), returned("two", "b"), said(role::user, "And?")});
  CHECK(marks(wire(request)) == 0);  // nothing follows a call without tools
  request.tools = one_tool();
  const auto body = wire(request);
  CHECK(marks(body) == 3);
  CHECK(body.find(R"("input_schema":{"type":"object"},)" + mark) != std::string::npos);
  CHECK(body.find(R"("system":[{"type":"text","text":")" + words + R"(",)" + mark + "}]")
        != std::string::npos);
  CHECK(body.find(R"("content":"two",)" + mark) != std::string::npos);
  request.context[0] = said(role::system, "Stay brief.");
  CHECK(wire(request).find(R"("system":"Stay brief.")") != std::string::npos);
  CHECK(marks(anthropic_request_body({"m-1", false}, request)) == 0);
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
  CHECK(
    wire(request).find(R"("tools":[{"name":"find","description":"Looks for it.",)"
                       R"("input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],)"
                       R"("stream":true})")
    != std::string::npos);
  request.choice = tool_choice::none;
  CHECK(wire(request).find(R"("tool_choice":{"type":"none"})") != std::string::npos);
  request.choice = tool_choice::required;
  CHECK(wire(request).find(R"("tool_choice":{"type":"any"})") != std::string::npos);
  request.tool = "find";
  CHECK(wire(request).find(R"("tool_choice":{"type":"tool","name":"find"})") != std::string::npos);
  request.stop = {"END", "\n"};
  request.temperature = 1.5;
  CHECK(wire(request).find(R"("temperature":1,"stop_sequences":["END"])") != std::string::npos);
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
