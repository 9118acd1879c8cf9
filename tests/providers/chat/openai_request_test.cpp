#include "providers/chat/openai_request.hpp"
#include "tests/support/catch.hpp"

#include <simdjson.h>

using namespace persona_runtime;

namespace {

message_ptr say(role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  return std::make_shared<message>(std::move(m));
}

message_ptr call_message(std::string text, std::vector<tool_call> calls) {
  auto m = *say(role::assistant, std::move(text));
  m.calls = std::move(calls);
  return std::make_shared<message>(std::move(m));
}

message_ptr result_message(std::string text, std::string call_id, bool is_error) {
  auto m = *say(role::tool, std::move(text));
  m.call_id = std::move(call_id);
  m.is_error = is_error;
  return std::make_shared<message>(std::move(m));
}

chat_request ask(message_list context) {
  auto request = chat_request{};
  request.context = std::move(context);
  return request;
}

std::string body_of(const chat_request& request, std::string_view provider = "nvidia",
                    std::string model = "m/1", bool native = true, extra_fields extra = {}) {
  auto body = openai_request_body(
    {find_provider_row(provider), std::move(model), native, 0.0, std::move(extra)}, request);
  auto parser = simdjson::dom::parser{};
  CHECK(parser.parse(body).error() == simdjson::SUCCESS);
  return body;
}

bool holds(const std::string& body, std::string_view part) {
  INFO(body);
  return body.find(part) != std::string::npos;
}

tool_list echo_tool() {
  auto tool = tool_definition{};
  tool.name = "echo";
  tool.description = "Says it again.";
  tool.parameters = R"({"type":"object","properties":{"text":{"type":"string"}}})";
  return std::make_shared<std::vector<tool_definition>>(1, tool);
}

}  // namespace

TEST_CASE("what a caller wishes of the reply is sent", "[providers][openai]") {
  auto request = ask({say(role::user, "hi")});
  request.tools = echo_tool();
  request.temperature = 0.5;
  request.stop = {"a\"b", "END"};
  request.response_format = R"({"type":"json_object"})";
  request.choice = tool_choice::required;
  const auto any = body_of(request);
  CHECK(holds(any, R"("temperature":0.5)"));
  CHECK(holds(any, R"("stop":["a\"b","END"])"));
  CHECK(holds(any, R"("response_format":{"type":"json_object"})"));
  CHECK(holds(any, R"("tool_choice":"required")"));
  request.tool = "echo";
  CHECK(holds(body_of(request), R"("tool_choice":{"type":"function","function":{"name":"echo"}})"));
  CHECK_FALSE(holds(body_of(request, "openai", "o3-mini"), R"("stop")"));
  CHECK(holds(body_of(request, "nvidia", "m/1", true, {{"stop", "[]"}}), R"("stop":[])"));
  request.tools = nullptr;
  CHECK_FALSE(holds(body_of(request), "tool_choice"));
}

TEST_CASE("a request holds what every endpoint needs", "[providers][openai]") {
  CHECK(body_of(ask({say(role::system, "Be kind."), say(role::user, "H\"i\n")}))
        == R"({"model":"m/1","messages":[{"role":"system","content":"Be kind."},)"
           R"({"role":"user","content":"H\"i\n"}],"temperature":0,"max_tokens":4096,)"
           R"("stream":true,"stream_options":{"include_usage":true}})");
}

TEST_CASE("AC-OAI-05 an empty text beside calls is null", "[providers][openai]") {
  const auto calls = std::vector<tool_call>{{"find", R"({"q": "x"})", "c1", false}};
  for (auto text : {"", "  \n "}) {
    CHECK(holds(body_of(ask({call_message(text, calls)})),
                R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
                R"("function":{"name":"find","arguments":"{\"q\": \"x\"}"}}]})"));
  }
  CHECK(
    holds(body_of(ask({call_message("Looking.", calls)})), R"("content":"Looking.","tool_calls")"));
  auto plain = body_of(ask({say(role::assistant, "")}));
  CHECK(holds(plain, R"({"role":"assistant","content":""})"));
  CHECK_FALSE(holds(plain, "tool_calls"));
}

TEST_CASE("AC-OAI-06 a tool result carries the id of its call", "[providers][openai]") {
  CHECK(holds(body_of(ask({result_message("42", "c42", false)})),
              R"({"role":"tool","content":"42","tool_call_id":"c42"})"));
}

TEST_CASE("AC-OAI-11 images follow the text as data URLs, in order", "[providers][openai]") {
  auto m = *say(role::user, "Which berth?");
  m.images = {{"uploads/a.png", image_type::png, shared_text{"\x89PNG"}},
              {"uploads/b.gif", image_type::gif, shared_text{"GIF8"}},
              {"uploads/old.webp", image_type::webp, {}}};
  CHECK(holds(body_of(ask({std::make_shared<message>(m)})),
              R"({"role":"user","content":[{"type":"text","text":"Which berth?"},)"
              R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},)"
              R"({"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lGOA=="}},)"
              R"({"type":"text","text":"[image uploads/old.webp]"}]})"));
}

TEST_CASE("TYPE-09 AC-TR-01 AC-TR-02 TB-12 an error result begins with Error: once",
          "[providers][openai]") {
  for (const auto& row : provider_rows()) {
    CHECK(holds(body_of(ask({result_message("disk full", "c", true)}), row.name),
                R"("content":"Error: disk full")"));
    CHECK(holds(body_of(ask({result_message("Error: disk full", "c", true)}), row.name),
                R"("content":"Error: disk full")"));
    CHECK(holds(body_of(ask({result_message("disk full", "c", false)}), row.name),
                R"("content":"disk full")"));
  }
}

TEST_CASE("tools are sent when offered, and kept with choice none", "[providers][openai]") {
  auto request = ask({say(role::user, "x")});
  CHECK_FALSE(holds(body_of(request), "tool"));
  request.tools = std::make_shared<std::vector<tool_definition>>();
  CHECK_FALSE(holds(body_of(request), "tool"));
  request.tools = echo_tool();
  CHECK(holds(body_of(request),
              R"("tools":[{"type":"function","function":{"name":"echo","description":)"
              R"("Says it again.","parameters":{"type":"object","properties":)"
              R"({"text":{"type":"string"}}}}}])"));
  CHECK_FALSE(holds(body_of(request), "tool_choice"));
  request.choice = tool_choice::none;
  CHECK(holds(body_of(request), R"("tool_choice":"none")"));
  CHECK_FALSE(holds(body_of(request, "together", "m", false), "tool"));
}

TEST_CASE("reasoning models get their own parameters", "[providers][openai]") {
  auto request = ask({say(role::user, "x")});
  request.reply_tokens_max = 300;
  for (auto model : {"o1", "o3-mini", "gpt-5", "gpt-5.1"}) {
    auto body = body_of(request, "openai", model);
    CHECK(holds(body, R"("max_completion_tokens":300)"));
    CHECK_FALSE(holds(body, "temperature"));
    CHECK_FALSE(holds(body, "max_tokens"));
  }
  for (auto model : {"gpt-4o", "o100", "my-gpt-5"}) {
    CHECK(holds(body_of(request, "openai", model), R"("temperature":0,"max_tokens":300)"));
  }
  CHECK(holds(body_of(request, "groq", "gpt-5"), R"("max_tokens":300)"));
}

TEST_CASE("the temperature is the request's, else the endpoint's", "[providers][openai]") {
  auto request = ask({say(role::user, "x")});
  const auto sent = [&](std::string_view provider, std::string model) {
    return openai_request_body({find_provider_row(provider), std::move(model), true, 0.7, {}},
                               request);
  };
  CHECK(holds(sent("groq", "m"), R"("temperature":0.7,)"));
  request.temperature = 0.0;
  CHECK(holds(sent("groq", "m"), R"("temperature":0,)"));
  request.temperature = 1.25;
  CHECK(holds(sent("groq", "m"), R"("temperature":1.25,)"));
  CHECK_FALSE(holds(sent("openai", "o1"), "temperature"));
}

TEST_CASE("fields of the operator are merged and win", "[providers][openai]") {
  auto body = body_of(ask({say(role::user, "x")}), "nvidia", "m", true,
                      {{"temperature", "0.7"}, {"chat_template_kwargs", R"({"thinking":true})"}});
  CHECK(holds(body, R"("temperature":0.7,"chat_template_kwargs":{"thinking":true})"));
  CHECK(body.find("temperature") == body.rfind("temperature"));
}

TEST_CASE("a name that a model invented cannot spoil later calls", "[providers][openai]") {
  auto body = body_of(ask({call_message("", {{"", "{}", "a", false},
                                             {"r\xC3\xB8m now!", "{}", "b", false},
                                             {std::string(100, 'n'), "{}", "c", false}})}));
  CHECK(holds(body, R"("name":"unnamed")"));
  CHECK(holds(body, R"("name":"r__m_now_")"));
  CHECK(holds(body, "\"name\":\"" + std::string(64, 'n') + "\""));
}

TEST_CASE("text that is not UTF-8 does not break the request", "[providers][openai]") {
  CHECK(holds(body_of(ask({say(role::user, "a\xFF"
                                           "b")})),
              "a\xEF\xBF\xBD"
              "b"));
}

TEST_CASE("native tools are a matter of provider and model", "[providers][openai]") {
  CHECK(has_native_tools("openai", "anything"));
  CHECK(has_native_tools("deepseek", "deepseek-chat"));
  CHECK_FALSE(has_native_tools("deepseek", "deepseek-coder"));
  CHECK(has_native_tools("nvidia", "nvidia/nemotron-3-super-120b-a12b"));
  CHECK_FALSE(has_native_tools("nvidia", "nemotron-3-super-120b-a12b"));
  CHECK_FALSE(has_native_tools("together", "x"));
  CHECK_FALSE(has_native_tools("nobody", "x"));
}
