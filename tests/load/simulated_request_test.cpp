// What a simulated model reads and answers, without a socket.

#include "load/simulated_answer.hpp"
#include "load/simulated_request.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace persona_runtime;

namespace {

constexpr auto all_protocols =
  std::array{model_protocol::openai, model_protocol::anthropic, model_protocol::ollama};

std::string_view path_of_protocol(model_protocol protocol) {
  return protocol == model_protocol::openai      ? "/v1/chat/completions"
         : protocol == model_protocol::anthropic ? "/v1/messages"
                                                 : "/api/chat";
}

/// A whole answer to a request with these messages and further fields.
simulated_answer asked(model_protocol protocol, std::string_view messages,
                       std::string_view more = "", const simulation& how = {}) {
  const auto body = R"({"model":"m","max_tokens":9000,"stream":false,"messages":)"
                    + std::string{messages} + std::string{more} + "}";
  return answer_to("POST", path_of_protocol(protocol), body, how);
}

/// The words of a whole answer, or "TOOL ARGUMENTS" of its call, arguments as JSON.
std::string said_in(model_protocol protocol, const simulated_answer& answer) {
  const auto root = boost::json::parse(answer.body).as_object();
  const auto text = [](const boost::json::value& v) { return std::string{v.as_string()}; };
  if (protocol == model_protocol::anthropic) {
    const auto& block = root.at("content").as_array().at(0).as_object();
    if (block.at("type") == "text")
      return text(block.at("text"));
    return text(block.at("name")) + " " + boost::json::serialize(block.at("input"));
  }
  const auto& message = protocol == model_protocol::ollama
                          ? root.at("message").as_object()
                          : root.at("choices").at(0).at("message").as_object();
  if (!message.contains("tool_calls"))
    return text(message.at("content"));
  const auto& function = message.at("tool_calls").at(0).at("function").as_object();
  const auto& arguments = function.at("arguments");
  return text(function.at("name")) + " "
         + (arguments.is_string() ? text(arguments) : boost::json::serialize(arguments));
}

std::string tools_field(model_protocol protocol, std::string_view schema) {
  if (protocol == model_protocol::anthropic)
    return R"(,"tools":[{"name":"look","input_schema":)" + std::string{schema}
           + R"(},{"name":"find","input_schema":{}}])";
  return R"(,"tools":[{"type":"function","function":{"name":"look","parameters":)"
         + std::string{schema} + R"(}},{"type":"function","function":{"name":"find"}}])";
}

constexpr auto hello =
  R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hello æ"}])";

}  // namespace

TEST_CASE("a simulated model says the last message again", "[load]") {
  for (const auto protocol : all_protocols) {
    CHECK(said_in(protocol, asked(protocol, hello)) == "Hello æ");
    const auto in_blocks =
      R"([{"role":"user","content":[{"type":"text","text":"Hel"},{"type":"image"},{"type":"text","text":"lo"}]}])";
    CHECK(said_in(protocol, asked(protocol, in_blocks)) == "Hello");
    const auto nothing = R"([{"role":"user","content":null},{"role":"assistant","content":"no"}])";
    CHECK(said_in(protocol, asked(protocol, nothing)) == "Nothing was said.");
  }
}

TEST_CASE("it says what it is told to, as often as it takes", "[load]") {
  auto how = simulation{};
  how.text = "one two";
  for (const auto protocol : all_protocols) {
    CHECK(said_in(protocol, asked(protocol, hello, "", how)) == "one two");
    how.tokens = 5;
    CHECK(said_in(protocol, asked(protocol, hello, "", how)) == "one two one two");
    how.tokens = 0;
    const auto wish = R"(,"simulate":{"text":"three","tokens":1})";
    CHECK(said_in(protocol, asked(protocol, hello, wish, how)) == "three");
  }
}

TEST_CASE("a request's own limit cuts the answer", "[load]") {
  const auto cut = [](model_protocol protocol, std::string_view field) {
    return asked(protocol, hello, R"(,"simulate":{"text":"a b c d"},)" + std::string{field});
  };
  const auto openai = cut(model_protocol::openai, R"("max_completion_tokens":2)");
  CHECK(said_in(model_protocol::openai, openai) == "a b");
  CHECK(openai.body.find(R"("finish_reason":"length")") != std::string::npos);
  const auto ollama = cut(model_protocol::ollama, R"("options":{"num_predict":2})");
  CHECK(said_in(model_protocol::ollama, ollama) == "a b");
  CHECK(ollama.body.find(R"("done_reason":"length")") != std::string::npos);
  CHECK(
    said_in(model_protocol::ollama, cut(model_protocol::ollama, R"("options":{"num_predict":-1})"))
    == "a b c d");
}

TEST_CASE("it calls offered tools in turn, then speaks", "[load]") {
  const auto schema =
    R"({"type":"object","required":["a","b","c","d","e","f"],"properties":{"a":{"type":"string"},)"
    R"("b":{"type":"integer","minimum":3},"c":{"enum":["x","y"]},"d":{"type":"boolean"},)"
    R"("e":{"type":["array","null"],"minItems":1,"items":{"type":"number"}},)"
    R"("f":{"type":"object","required":["g"],"properties":{"g":{"default":[2]}}},"h":{}}})";
  const auto arguments = R"({"a":"1","b":3,"c":"x","d":true,"e":[1],"f":{"g":[2]}})";
  for (const auto protocol : all_protocols) {
    const auto tools = tools_field(protocol, schema);
    const auto is_anthropic = protocol == model_protocol::anthropic;
    const auto first = asked(protocol, hello, tools);
    CHECK(said_in(protocol, first) == "look " + std::string{arguments});
    const auto results =
      is_anthropic
        ? R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"?"},)"
          R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"rain"}]}])"
        : R"([{"role":"user","content":"Hi"},{"role":"assistant","content":null},)"
          R"({"role":"tool","content":"rain"}])";
    CHECK(said_in(protocol, asked(protocol, results, tools)) == "rain");
    const auto two_rounds = tools + R"(,"simulate":{"tool_rounds":2})";
    CHECK(said_in(protocol, asked(protocol, results, two_rounds)) == "find {}");
    const auto refused =
      tools + (is_anthropic ? R"(,"tool_choice":{"type":"none"})" : R"(,"tool_choice":"none")");
    CHECK(said_in(protocol, asked(protocol, hello, refused)) == "Hello æ");
  }
}

TEST_CASE("a schema that repeats itself makes no endless example", "[load]") {
  auto schema = std::string{"{}"};
  for (auto depth = 0; depth < 7; ++depth) {
    auto names = std::string{R"("a")"};
    for (auto i = 0; i < 63; ++i)
      names += R"(,"a")";
    schema = R"({"type":"object","required":[)" + names + R"(],"properties":{"a":)" + schema + "}}";
  }
  const auto tools = tools_field(model_protocol::openai, schema);
  CHECK(asked(model_protocol::openai, hello, tools).body.size() < 100'000);
}

TEST_CASE("the same request gets the same answer, another one another id", "[load]") {
  for (const auto protocol : all_protocols) {
    CHECK(asked(protocol, hello).body == asked(protocol, hello).body);
    const auto other = asked(protocol, hello, R"(,"simulate":{"text":"Hello æ"})").body;
    CHECK((protocol == model_protocol::ollama) == (asked(protocol, hello).body == other));
  }
}

TEST_CASE("what a simulated model cannot read is refused in the client's form", "[load]") {
  const auto refused = [](model_protocol protocol, std::string_view body, std::string_view why) {
    const auto answer = answer_to("POST", path_of_protocol(protocol), body, {});
    CAPTURE(body, answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find(why) != std::string::npos);
    const auto error = boost::json::parse(answer.body).as_object();
    if (protocol == model_protocol::ollama)
      CHECK(error.at("error").is_string());
    else
      CHECK(error.at("error").at("type") == "invalid_request_error");
  };
  for (const auto protocol : all_protocols) {
    for (const auto* body : {"", "{", "[]", "nonsense", "\xFF"})
      refused(protocol, body, "not a JSON object");
    refused(protocol, R"({"messages":[]})", "model");
    refused(protocol, R"({"model":"m"})", "messages");
    refused(protocol, R"({"model":"m","messages":[]})", "messages");
    refused(protocol, R"({"model":"m","messages":[{"role":"ghost"}]})", "role");
    refused(protocol, std::string(100'000, '['), "not a JSON object");
    const auto with = [](std::string_view more) {
      return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],)"
             + std::string{more} + "}";
    };
    refused(protocol, with(R"("stream":"yes")"), "stream");
    refused(protocol, with(R"("tools":[{}])"), "tools");
    for (const auto* wish :
         {R"({"colour":1})", R"({"tokens":10001})", R"({"tokens":-1})", R"({"status":200})",
          R"({"first_token_ms":600001})", R"({"text":1})", R"({"retry_after":"1\r\nX: y"})"})
      refused(protocol, with(R"("simulate":)" + std::string{wish}), "simulate.");
    refused(protocol, with(R"("simulate":true)"), "simulate:");
  }
  const auto bare = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
  refused(model_protocol::anthropic, bare, "max_tokens");
  CHECK(answer_to("POST", "/v1/chat/completions", bare, {}).status == 200);
  CHECK(answer_to("GET", "/v1/messages", "", {}).status == 405);
  CHECK(answer_to("POST", "/v1/embeddings", bare, {}).status == 404);
  CHECK(answer_to("GET", "/v1/models?limit=1", "", {}).status == 200);
}

TEST_CASE("a request can wish to fail", "[load]") {
  for (const auto protocol : all_protocols) {
    const auto answer = asked(protocol, hello, R"(,"simulate":{"status":429,"retry_after":"1.5"})");
    CHECK(answer.status == 429);
    CHECK(answer.retry_after == "1.5");
    CHECK(answer.streamed == nullptr);
  }
}
