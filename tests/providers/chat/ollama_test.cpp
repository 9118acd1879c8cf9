#include "providers/chat/answer_body.hpp"
#include "providers/chat/ollama.hpp"
#include "providers/chat/ollama_answer.hpp"
#include "providers/chat/ollama_request.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/providers/chat/said_messages.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

model_result<answer_parts> ollama_says(std::string_view bytes, text_sink* sink = nullptr,
                                       std::string_view type = "application/x-ndjson") {
  auto answer = std::make_unique<ollama_answer>("ollama", "m-1", sink);
  auto body = answer_body{std::move(answer), type, answer_form::lines};
  body.feed(bytes);
  return body.finish();
}

std::string line(std::string_view fields) {
  return R"({"model":"m-1",)" + std::string{fields} + "}\n";
}

std::string text_line(std::string_view text) {
  return line(R"("message":{"role":"assistant","content":")" + std::string{text}
              + R"("},"done":false)");
}

const std::string last_line =
  line(R"("done":true,"done_reason":"stop","prompt_eval_count":4,"eval_count":2)");

std::string call_line(std::string_view arguments) {
  return line(R"("message":{"content":"","tool_calls":[{"function":{"name":"find","arguments":)"
              + std::string{arguments} + R"(}},{"function":{"name":""}}]})");
}

}  // namespace

TEST_CASE("AC-OLL-01 nothing is sent before the first call", "[providers][ollama]") {
  CHECK(make_ollama_provider({"m-1"}, {}).has_value());
  CHECK(make_ollama_provider({"m-1", "", "http://10.0.0.7:11434"}, {}).has_value());
  CHECK_FALSE(make_ollama_provider({""}, {}).has_value());
  CHECK_FALSE(make_ollama_provider({"m-1", "", "nowhere"}, {}).has_value());
}

TEST_CASE("AC-OLL-02 an answer in one document", "[providers][ollama]") {
  const auto parts = ollama_says(
    R"({"message":{"content":"hello"},"done":true,"prompt_eval_count":5,"eval_count":3})", nullptr,
    "application/json");
  REQUIRE(parts.has_value());
  CHECK(parts->text == "hello");
  CHECK(parts->usage == token_usage{5, 3, false});
}

TEST_CASE("AC-OLL-03 arguments are an object or the text of one", "[providers][ollama]") {
  for (const auto* arguments : {R"({"q":"k"})", R"("{\"q\":\"k\"}")"}) {
    const auto parts = ollama_says(call_line(arguments) + last_line);
    REQUIRE(parts.has_value());
    REQUIRE(parts->calls.size() == 1);
    CHECK(parts->calls[0].arguments == R"({"q":"k"})");
    CHECK(parts->finish == finish_reason::tool_calls);
  }
}

TEST_CASE("several calls without ids stay several", "[providers][ollama]") {
  const auto parts = ollama_says(call_line(R"({"q":1})") + call_line(R"({"q":2})") + last_line);
  REQUIRE(parts.has_value());
  REQUIRE(parts->calls.size() == 2);
  CHECK(parts->calls[0].arguments == R"({"q":1})");
  CHECK(parts->calls[1].arguments == R"({"q":2})");
  CHECK(parts->calls[0].call_id != parts->calls[1].call_id);
}

TEST_CASE("AC-OLL-05 text in lines, counts in the last", "[providers][ollama]") {
  auto sink = heard{};
  const auto parts = ollama_says(text_line("Hel") + "\n" + text_line("lo") + last_line, &sink);
  REQUIRE(parts.has_value());
  CHECK(parts->text == "Hello");
  CHECK(sink.text == "Hello");
  CHECK(parts->usage == token_usage{4, 2, false});
  CHECK(parts->finish == finish_reason::stop);
}

TEST_CASE("a stream without its last line is a broken one", "[providers][ollama]") {
  CHECK(ollama_says(text_line("Hel")).error().reason == "broken_stream");
  CHECK(ollama_says("{\"message\":\n").error().reason == "broken_stream");
  CHECK(ollama_says("").error().reason == "broken_stream");
}

TEST_CASE("a last line without its end counts", "[providers][ollama]") {
  auto bytes = text_line("Hi") + last_line;
  bytes.pop_back();
  CHECK(ollama_says(bytes).has_value());
}

TEST_CASE("a line has a bound", "[providers][ollama]") {
  const auto error = ollama_says(std::string((1u << 20) + 1, 'x')).error();
  CHECK(error.detail == "provider=ollama a line is longer than 1 MiB");
}

TEST_CASE("an error can come in a line", "[providers][ollama]") {
  CHECK_FALSE(ollama_says(line(R"("error":"out of memory")")).has_value());
}

TEST_CASE("AC-OLL-07 images are bare base64 beside the text", "[providers][ollama]") {
  const auto body = ollama_request_body(
    {"m-1"}, asking({pictured("What is it?", {{"a.png", image_type::png, shared_text{"xyz"}}})}));
  CHECK(body
        == R"({"model":"m-1","messages":[{"role":"user","content":"What is it?",)"
           R"("images":["eHl6"]}],"stream":true,)"
           R"("options":{"temperature":0,"num_predict":4096}})");
}

TEST_CASE("TYPE-10 AC-TR-01 TB-11 results are said by the tool's name", "[providers][ollama]") {
  auto request = asking({said(role::user, "Look."), called("On it.", {{"find", "{}", "a"}}),
                         returned("two otters", "a")});
  request.tools = one_tool();
  const auto body = ollama_request_body({"m-1"}, request);
  CHECK(body.find(R"({"role":"assistant","content":"On it."},)"
                  R"({"role":"user","content":"find returned: two otters"}])")
        != std::string::npos);
  CHECK(body.find(R"("tools":[{"type":"function","function":{"name":"find")") != std::string::npos);
  request.response_format = R"({"type":"json_object"})";
  CHECK(ollama_request_body({"m-1"}, request).find(R"("format":"json")") != std::string::npos);
  request.response_format =
    R"({"type":"json_schema","json_schema":{"name":"x","schema":{"type": "object"}}})";
  CHECK(ollama_request_body({"m-1"}, request).find(R"("format":{"type":"object"})")
        != std::string::npos);
  request.stop = {"END"};
  CHECK(ollama_request_body({"m-1"}, request).find(R"("stop":["END"])") != std::string::npos);
  request.choice = tool_choice::none;
  CHECK(ollama_request_body({"m-1"}, request).find("tools") == std::string::npos);
}
