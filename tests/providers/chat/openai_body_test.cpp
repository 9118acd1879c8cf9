#include "providers/chat/answer_body.hpp"
#include "providers/chat/openai_answer.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

struct body_outcome {
  answer_parts parts;
  model_error error;
  std::string heard_text;
  std::string heard_reasoning;
  friend bool operator==(const body_outcome&, const body_outcome&) = default;
};

body_outcome body_of(std::string_view bytes, std::size_t piece = 1 << 20,
                     std::string_view type = "text/event-stream") {
  auto sink = heard{};
  auto body = answer_body{std::make_unique<openai_answer>("nvidia", "m-1", &sink), type};
  auto going_on = true;
  while (going_on && !bytes.empty()) {
    auto part = std::string{bytes.substr(0, piece)};
    going_on = body.feed(part);
    bytes.remove_prefix(part.size());
  }
  auto all = body_outcome{};
  auto parts = body.finish();
  if (parts) {
    all.parts = *parts;
  } else {
    all.error = parts.error();
  }
  all.heard_text = sink.text;
  all.heard_reasoning = sink.reasoning;
  return all;
}

std::string delta(std::string_view fields, std::string_view finish = "null") {
  return event(R"({"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{)"
               + std::string{fields} + R"(},"finish_reason":)" + std::string{finish} + "}]}");
}

std::string text_delta(std::string_view text) {
  return delta(R"("content":")" + std::string{text} + "\"");
}

const std::string done = "data: [DONE]\n\n";

std::string usage(std::string_view prompt, std::string_view completion) {
  return event(R"({"choices":[],"usage":{"prompt_tokens":)" + std::string{prompt}
               + R"(,"completion_tokens":)" + std::string{completion} + "}}");
}

std::string call_delta(std::string_view fields) {
  return delta(R"("tool_calls":[{)" + std::string{fields} + "}]");
}

bool is_broken(const body_outcome& o) {
  return o.error.reason == "broken_stream" && o.error.kind == model_error_class::provider_error
         && o.error.status == 0;
}

}  // namespace

TEST_CASE("AC-OAI-07 text comes in deltas and usage at the end", "[providers][openai]") {
  auto all =
    body_of(text_delta("Hel") + text_delta("lo") + delta("", "\"stop\"") + usage("4", "6") + done);
  CHECK(all.parts.text == "Hello");
  CHECK(all.heard_text == "Hello");
  CHECK(all.parts.usage == token_usage{4, 6, false});
  CHECK(all.parts.finish == finish_reason::stop);
}

TEST_CASE("what an endpoint had kept of a prompt is told apart", "[providers][openai]") {
  const auto usage_of = [](std::string_view fields) {
    const auto report = event(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":6,)"
                              + std::string{fields} + "}}");
    return body_of(text_delta("Hel") + delta("", "\"stop\"") + report + done).parts.usage;
  };
  const auto expected = token_usage{9, 6, false, 7};
  CHECK(usage_of(R"("prompt_tokens_details":{"audio_tokens":1,"cached_tokens":7})") == expected);
  CHECK(usage_of(R"("prompt_cache_hit_tokens":7)") == expected);
  CHECK(usage_of(R"("prompt_tokens_details":null)") == token_usage{9, 6, false});
}

TEST_CASE("AC-OAI-07 the last usage wins and null counts as nothing", "[providers][openai]") {
  auto all = body_of(usage("1", "null") + delta("", "\"stop\"") + usage("9", "9") + done);
  CHECK(all.parts.usage == token_usage{9, 9, false});
  CHECK(body_of(usage("1", "null") + delta("", "\"stop\"") + done).parts.usage
        == token_usage{1, 0, false});
  CHECK_FALSE(body_of(delta("", "\"stop\"") + event(R"({"choices":[],"usage":null})") + done)
                .parts.usage.has_value());
}

TEST_CASE("AC-OAI-08 AC-TR-03 TURN-35 fragments of calls are joined by index",
          "[providers][openai]") {
  auto stream = text_delta("Hi")
                + call_delta(R"("index":0,"id":"call_A","function":{"name":"f","arguments":""})")
                + call_delta(R"("index":1,"id":"call_B","function":{"name":"g"})")
                + call_delta(R"("index":0,"function":{"arguments":"{\"a\""})")
                + call_delta(R"("index":1,"function":{"arguments":"{}"})")
                + call_delta(R"("index":0,"function":{"arguments":":1}"})")
                + delta("", "\"tool_calls\"") + usage("3", "4") + done;
  auto all = body_of(stream);
  REQUIRE(all.parts.calls.size() == 2);
  CHECK(all.parts.calls[0] == tool_call{"f", R"({"a":1})", "call_A", false});
  CHECK(all.parts.calls[1] == tool_call{"g", "{}", "call_B", false});
  CHECK(all.parts.finish == finish_reason::tool_calls);
  CHECK(all.parts.text == "Hi");
}

TEST_CASE("AC-OAI-08 calls without ids get call_0, call_1", "[providers][openai]") {
  auto all = body_of(call_delta(R"("index":0,"function":{"name":"f","arguments":null})")
                     + call_delta(R"("index":1,"function":{"name":"g","arguments":"{\"x\":[1]}"})")
                     + delta("", "\"stop\"") + done);
  REQUIRE(all.parts.calls.size() == 2);
  CHECK(all.parts.calls[0] == tool_call{"f", "{}", "call_0", false});
  CHECK(all.parts.calls[1] == tool_call{"g", R"({"x":[1]})", "call_1", false});
  CHECK(all.parts.finish == finish_reason::tool_calls);
}

TEST_CASE("calls with the same id are told apart by index, without an index by id",
          "[providers][openai]") {
  auto same =
    body_of(call_delta(R"("index":0,"id":"x","function":{"name":"f","arguments":"{}"})")
            + call_delta(R"("index":1,"id":"x","function":{"name":"g","arguments":"{}"})") + done);
  REQUIRE(same.parts.calls.size() == 2);
  CHECK(same.parts.calls[1].name == "g");
  auto bare =
    body_of(call_delta(R"("id":"x","function":{"name":"f","arguments":"{\"a\":"})")
            + call_delta(R"("function":{"arguments":"1}"})")
            + call_delta(R"("id":"y","function":{"name":"g","arguments":{"b": 2}})") + done);
  REQUIRE(bare.parts.calls.size() == 2);
  CHECK(bare.parts.calls[0] == tool_call{"f", R"({"a":1})", "x", false});
  CHECK(bare.parts.calls[1].name == "g");
  CHECK(bare.parts.calls[1].arguments == R"({"b": 2})");
}

TEST_CASE("AC-OAI-03 AC-OAI-04 arguments are one object or the call is truncated",
          "[providers][openai]") {
  struct row {
    std::string_view arguments;  // as JSON
    std::string_view finish;
    std::string_view expected;
    bool truncated;
  };
  for (const auto& r : {
         row{R"("{\"q\": \"otters\"}")", "tool_calls", R"({"q": "otters"})", false},
         row{R"("{\"q\": 1}")", "length", R"({"q": 1})", true},
         row{R"("")", "tool_calls", "{}", false},
         row{R"("  ")", "tool_calls", "{}", false},
         row{R"("")", "length", "{}", true},
         row{R"("not-json")", "tool_calls", "{}", true},
         row{R"("{\"a\":tru}")", "tool_calls", "{}", true},
         row{R"("{\"a\":1")", "tool_calls", "{}", true},
         row{R"("{}{}")", "tool_calls", "{}", true},
         row{R"("[1]")", "tool_calls", "{}", true},
         row{R"("null")", "tool_calls", "{}", true},
         row{R"("7")", "tool_calls", "{}", true},
       }) {
    CAPTURE(r.arguments, r.finish);
    auto all = body_of(call_delta(R"("index":0,"id":"c","function":{"name":"f","arguments":)"
                                  + std::string{r.arguments} + "}")
                       + delta("", "\"" + std::string{r.finish} + "\"") + done);
    REQUIRE(all.parts.calls.size() == 1);
    CHECK(all.parts.calls[0].arguments == r.expected);
    CHECK(all.parts.calls[0].truncated == r.truncated);
  }
}

TEST_CASE("AC-OAI-09 thinking text comes under either name, once", "[providers][openai]") {
  CHECK(body_of(delta(R"("reasoning_content":"hm")") + done).heard_reasoning == "hm");
  CHECK(body_of(delta(R"("content":"","reasoning":"hm")") + done).parts.reasoning == "hm");
  CHECK(body_of(delta(R"("reasoning":"hm","reasoning_content":"hm")") + done).parts.reasoning
        == "hm");
  CHECK(body_of(delta(R"("reasoning_content":null,"reasoning":"hm")") + done).parts.reasoning
        == "hm");
  CHECK(body_of(delta(R"("reasoning_content":"a","content":"b")") + done).parts.text == "b");
}

TEST_CASE("AC-OAI-02 an answer that was not streamed is one too", "[providers][openai]") {
  const auto json = std::string{R"({"id":"r","choices":[{"index":0,"finish_reason":"tool_calls",
    "message":{"role":"assistant","content":"hello","reasoning_content":"hm","tool_calls":[
    {"id":"c-9","type":"function","function":{"name":"find","arguments":"{\"q\": \"otters\"}"}},
    {"id":"c-9","type":"function","function":{"name":"find","arguments":{"q":"x"}}},
    {"id":"d","type":"function","function":{"name":"find","arguments":null}}]}}],
    "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":99}})"};
  auto all = body_of(json, 7, "application/json; charset=utf-8");
  CHECK(all.parts.text == "hello");
  CHECK(all.heard_text == "hello");
  CHECK(all.parts.reasoning == "hm");
  CHECK(all.parts.usage == token_usage{10, 5, false});
  REQUIRE(all.parts.calls.size() == 3);
  CHECK(all.parts.calls[0] == tool_call{"find", R"({"q": "otters"})", "c-9", false});
  CHECK(all.parts.calls[1].arguments == R"({"q":"x"})");
  CHECK(all.parts.calls[2].truncated);
  CHECK(body_of(R"({"choices":[]})", 99, "application/json").parts.text.empty());
  CHECK(body_of(R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})", 99,
                "application/json")
          .parts.text.empty());
}

TEST_CASE("a finish reason or the end mark completes a stream, nothing else does",
          "[providers][openai]") {
  CHECK(body_of(text_delta("a") + delta("", "\"stop\"")).parts.text == "a");
  CHECK(body_of(text_delta("a") + done).parts.text == "a");
  CHECK(body_of(text_delta("a") + done).error == model_error{});
  auto cut = body_of(text_delta("a"));
  CHECK(is_broken(cut));
  CHECK(cut.error.output_begun);
  CHECK(cut.heard_text == "a");
  CHECK(body_of(done).error.reason == "empty");
  CHECK(body_of(": keep-alive\n\n").error.reason == "broken_stream");
  CHECK(body_of("").error.reason == "broken_stream");
  CHECK(body_of("", 1, "application/json").error.reason == "empty");
  CHECK(body_of(" \n", 1, "text/plain").error.reason == "empty");
}

TEST_CASE("a 200 that is no answer is a broken stream", "[providers][openai]") {
  CHECK(is_broken(body_of("<html>come back later</html>", 5, "text/html")));
  CHECK(is_broken(body_of("plain words", 5, "text/plain")));
  CHECK(is_broken(body_of("data: {\"choices\": [{\n\n")));
  CHECK(is_broken(body_of("data: 7\n\n" + done)));
  CHECK(is_broken(body_of("data: {\"a\":{\"b\":1}]}\n\n" + done)));
  CHECK(is_broken(body_of("data: {\"choices\":[]}]}\n\n" + done)));
  CHECK(is_broken(body_of("data: {} trailing\n\n" + done)));
  CHECK(is_broken(body_of(event("{\"choices\":[{\"delta\":{\"content\":\"\xC3(\"}}]}") + done)));
  CHECK(is_broken(body_of("data: " + std::string((1 << 20) + 10, 'x'))));
  CHECK(body_of(R"({"detail":"not here"})", 99, "application/json").error.reason == "empty");
}

TEST_CASE("a stream under a wrong name is known by its beginning", "[providers][openai]") {
  const auto stream = text_delta("a") + done;
  for (const std::size_t piece : {1u, 2u, 4u, 1000u}) {
    CHECK(body_of(stream, piece, "text/plain").parts.text == "a");
    CHECK(body_of("\n : hello\n" + stream, piece, "").parts.text == "a");
    CHECK(body_of(R"({"choices":[{"message":{"content":"b"}}]})", piece, "").parts.text == "b");
  }
}

TEST_CASE("an error in the stream counts by its status or code", "[providers][openai]") {
  struct row {
    std::string_view json;
    model_error_class kind;
    int status;
    std::string_view reason;
  };
  using c = model_error_class;
  for (const auto& r : {
         row{R"({"error":{"message":"busy","code":503}})", c::provider_error, 503, ""},
         row{R"({"error":{"type":"server_error"}})", c::provider_error, 500, ""},
         row{R"({"error":{"code":"rate_limit_exceeded"}})", c::rate_limit, 429, ""},
         row{R"({"error":{"type":"insufficient_quota","code":null}})", c::rate_limit, 429,
             "insufficient_quota"},
         row{R"({"error":{"code":"content_filter"}})", c::provider_error, 400,
             "content_policy_violation"},
         row{R"({"error":{"code":"invalid_api_key"}})", c::authentication, 401, ""},
         row{R"({"error":{"message":"who knows"}})", c::provider_error, 0, "broken_stream"},
         row{R"({"error":"who knows"})", c::provider_error, 0, "broken_stream"},
       }) {
    CAPTURE(r.json);
    auto all = body_of(text_delta("a") + event(r.json) + text_delta("b"));
    CHECK(all.error.kind == r.kind);
    CHECK(all.error.status == r.status);
    CHECK(all.error.reason == r.reason);
    CHECK(all.error.output_begun);
    CHECK(all.heard_text == "a");
    CHECK(all.error.detail.find("knows") == std::string::npos);
  }
  CHECK(body_of(event(R"({"error":null,"choices":[]})") + done).error == model_error{});
}

TEST_CASE("a reply that was filtered away is a policy error", "[providers][openai]") {
  auto all = body_of(delta("", "\"content_filter\"") + done);
  CHECK(all.error.reason == "content_policy_violation");
  CHECK(body_of(text_delta("a") + delta("", "\"content_filter\"")).parts.finish
        == finish_reason::other);
}

TEST_CASE("calls with the same id are told apart", "[providers][openai]") {
  auto text = std::string{};
  const auto ids = std::vector<std::string>{"same", "same_1", "", "same", "same", "call_2"};
  for (auto i = std::size_t{0}; i < ids.size(); ++i) {
    text += call_delta("\"index\":" + std::to_string(i) + ",\"id\":\"" + ids[i]
                       + R"(","function":{"name":"f"})");
  }
  const auto calls = body_of(text + done).parts.calls;
  auto found = std::set<std::string>{};
  for (const auto& call : calls)
    found.insert(call.call_id);
  REQUIRE(calls.size() == ids.size());
  CHECK(found.size() == ids.size());
  CHECK(calls[0].call_id == "same");
  CHECK(calls[3].call_id == "same_3");
  CHECK(calls[5].call_id == "call_2_5");
}

TEST_CASE("a reply is bounded in bytes and in calls", "[providers][openai]") {
  auto huge = std::string{};
  const auto part = text_delta(std::string(100'000, 'x'));
  for (int i = 0; i < 100; ++i) {
    huge += part;
  }
  auto all = body_of(huge + done);
  CHECK(all.error.kind == model_error_class::provider_error);
  CHECK(all.error.detail.find("8 MiB") != std::string::npos);
  CHECK(all.heard_text.size() <= reply_bytes_max);
  auto document = R"({"choices":[{"message":{"content":")" + std::string(10u << 20, 'x') + "\"}}]}";
  CHECK(body_of(document, 65'536, "application/json").error.detail.find("8 MiB")
        != std::string::npos);

  auto calls = std::string{};
  for (std::size_t i = 0; i < reply_calls_max; ++i) {
    calls += call_delta("\"index\":" + std::to_string(i) + R"(,"function":{"name":"f"})");
  }
  CHECK(body_of(calls + done).parts.calls.size() == reply_calls_max);
  auto more = body_of(calls + call_delta(R"("index":999,"function":{"name":"f"})") + done);
  CHECK(more.error.detail.find("256 tool calls") != std::string::npos);
}

TEST_CASE("a transcript reads the same cut at every byte", "[providers][openai]") {
  const auto stream =
    std::string{": connected\r\n\r\n"} + delta(R"("role":"assistant","content":"")")
    + delta(R"("reasoning_content":"l\u00e6 – \ud83e\udda6")")
    + text_delta("Bl\xC3\xA5 \xF0\x9F\xA6\xA6") + text_delta("b\\u00e6r\\n")
    + call_delta(
      R"("index":0,"id":"k1","type":"function","function":{"name":"look","arguments":""})")
    + call_delta(R"("index":0,"function":{"arguments":"{\"where\": \"S\u00f8r"})")
    + call_delta(R"("index":0,"function":{"arguments":"\"}"})") + delta("", "\"tool_calls\"")
    + usage("12", "34") + done;
  const auto whole = body_of(stream);
  REQUIRE(whole.error == model_error{});
  CHECK(whole.parts.text
        == "Bl\xC3\xA5 \xF0\x9F\xA6\xA6"
           "b\xC3\xA6r\n");
  CHECK(whole.parts.reasoning == "l\xC3\xA6 – \xF0\x9F\xA6\xA6");
  CHECK(whole.parts.calls.at(0).arguments == "{\"where\": \"S\xC3\xB8r\"}");
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    CHECK(body_of(stream, piece) == whole);
  }
  // Cut off instead: an error or the whole answer, never half of it as if it were whole.
  const auto finish = stream.find("\"finish_reason\":\"tool_calls\"");
  for (std::size_t cut = 0; cut < stream.size(); ++cut) {
    auto part = body_of(stream.substr(0, cut));
    CAPTURE(cut);
    if (cut < finish) {
      CHECK(is_broken(part));
    } else if (part.error == model_error{}) {
      CHECK(part.parts.calls == whole.parts.calls);
      CHECK(part.parts.text == whole.parts.text);
    }
  }
}
