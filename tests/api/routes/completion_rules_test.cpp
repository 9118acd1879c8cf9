// Completions as OpenAI's clients ask for and read them: the rules, without a server.

#include "api/routes/completion_json.hpp"
#include "api/routes/completion_routes.hpp"
#include "api/routes/error_answer.hpp"
#include "api/routes/read_completion.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace persona_runtime;
using namespace persona_runtime::api;
namespace json = boost::json;

namespace {

constexpr auto hello = R"([{"role":"user","content":"Hello"}])";

/// A body with `fields` beside model and messages.
json::value body_with(const std::string& fields, const std::string& messages = hello) {
  const auto comma = fields.empty() ? "" : ",";
  return json::parse(R"({"model":"persona_1","messages":)" + messages + comma + fields + "}");
}

completion_ask read(const std::string& fields, const std::string& messages = hello) {
  auto got = read_completion(body_with(fields, messages));
  if (const auto* problem = std::get_if<openai_problem>(&got))
    FAIL(problem->message);
  return std::get<completion_ask>(got);
}

openai_problem refused_body(const json::value& body) {
  auto got = read_completion(body);
  REQUIRE(std::holds_alternative<openai_problem>(got));
  return std::get<openai_problem>(got);
}

openai_problem refused(const std::string& fields, const std::string& messages = hello) {
  INFO(fields);
  return refused_body(body_with(fields, messages));
}

std::string tool_json(const std::string& name) {
  return R"({"type":"function","function":{"name":")" + name + R"(","parameters":{"a":1}}})";
}

constexpr auto tool_round = R"([{"role":"user","content":"Weather?"},
  {"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[
    {"id":"c1","type":"function","function":{"name":"look","arguments":"{\"a\":1}"}}]},
  {"role":"tool","tool_call_id":"c1","content":"rain"}])";

}  // namespace

TEST_CASE("a completion is read with everything that is honoured", "[api][completion]") {
  const auto ask = read(R"("temperature":0.5,"max_tokens":40,"stop":["a","b"],"user":"u1",
    "response_format":{"type":"json_object"},"stream":true,"stream_options":{"include_usage":true},
    "metadata":{"conversation":"conv_1","other":"x"})");
  CHECK(ask.model == "persona_1");
  CHECK(ask.what.persona.value == "persona_1");
  CHECK(ask.what.wishes.temperature == 0.5);
  CHECK(ask.what.wishes.reply_tokens_max == 40);
  CHECK(ask.what.wishes.stop == std::vector<std::string>{"a", "b"});
  CHECK(ask.what.wishes.response_format == R"({"type":"json_object"})");
  CHECK(ask.what.user == "u1");
  CHECK(ask.what.conversation.value == "conv_1");
  CHECK(ask.stream);
  CHECK(ask.include_usage);
  const auto plain = read("");
  CHECK_FALSE(plain.stream);
  CHECK(plain.what.wishes == reply_wishes{});
  CHECK(read(R"("max_completion_tokens":7)").what.wishes.reply_tokens_max == 7);
  CHECK(read(R"("stop":"x")").what.wishes.stop == std::vector<std::string>{"x"});
  CHECK(read(R"("response_format":{"type":"text"})").what.wishes.response_format.empty());
}

TEST_CASE("messages of every role, text in parts, images, calls and their results",
          "[api][completion]") {
  const auto ask = read("", R"([{"role":"developer","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":"two"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,aGk=","detail":"low"}}]}])");
  REQUIRE(ask.what.messages.size() == 2);
  CHECK(ask.what.messages[0]->from == role::system);
  CHECK(ask.what.messages[1]->content.view() == "one\ntwo");
  REQUIRE(ask.what.messages[1]->images.size() == 1);
  CHECK(ask.what.messages[1]->images[0].bytes.view() == "hi");
  const auto calls = read("", tool_round).what.messages;
  REQUIRE(calls[1]->calls.size() == 1);
  CHECK(calls[1]->calls[0] == tool_call{"look", R"({"a":1})", "c1", false});
  CHECK(calls[2]->call_id == "c1");
}

TEST_CASE("tools and the choice among them", "[api][completion]") {
  const auto tools = R"("tools":[)" + tool_json("look") + "," + tool_json("go") + "]";
  const auto ask = read(tools);
  REQUIRE(ask.what.tools.size() == 2);
  CHECK(ask.what.tools[0].name == "look");
  CHECK(ask.what.tools[0].parameters == R"({"a":1})");
  CHECK(read(tools + R"(,"tool_choice":"auto")").what.wishes.calls == call_wish::automatic);
  CHECK(read(tools + R"(,"tool_choice":"none")").what.wishes.calls == call_wish::none);
  CHECK(read(tools + R"(,"tool_choice":"required")").what.wishes.calls == call_wish::required);
  const auto named =
    read(tools + R"(,"tool_choice":{"type":"function","function":{"name":"go"}})").what.wishes;
  CHECK(named.calls == call_wish::required);
  CHECK(named.tool == "go");
  CHECK(refused(tools + R"(,"tool_choice":{"type":"function","function":{"name":"x"}})").param
        == "tool_choice");
  CHECK(refused(R"("tool_choice":"required")").param == "tool_choice");
  CHECK(refused(tools + R"(,"tool_choice":"maybe")").param == "tool_choice");
  CHECK(refused(R"("tools":[)" + tool_json("a") + "," + tool_json("a") + "]").param == "tools[1]");
  CHECK(refused(R"("tools":[)" + tool_json("a b") + "]").param == "tools[0].function.name");
  CHECK(refused(R"("tools":[{"type":"custom","custom":{}}])").param == "tools[0].type");
}

TEST_CASE("a parameter that is not honoured is refused by its name", "[api][completion]") {
  for (const auto* field : {R"("n":2)",
                            R"("top_p":0.5)",
                            R"("frequency_penalty":1)",
                            R"("presence_penalty":0.1)",
                            R"("logprobs":true)",
                            R"("top_logprobs":2)",
                            R"("logit_bias":{"50256":-100})",
                            R"("seed":7)",
                            R"("store":true)",
                            R"("parallel_tool_calls":false)",
                            R"("modalities":["text","audio"])",
                            R"("audio":{"voice":"x"})",
                            R"("service_tier":"flex")",
                            R"("reasoning_effort":"low")",
                            R"("prediction":{"type":"content"})",
                            R"("web_search_options":{})",
                            R"("functions":[])",
                            R"("function_call":"auto")",
                            R"("verbosity":"low")",
                            R"("safety_identifier":"x")",
                            R"("prompt_cache_key":"x")",
                            R"("anything":1)"}) {
    const auto problem = refused(field);
    const auto name = std::string{field}.substr(1, std::string{field}.find('"', 1) - 1);
    CHECK(problem.param == name);
    CHECK(problem.message == "Unsupported parameter: '" + name + "'");
    CHECK(problem.code == "unsupported_parameter");
  }
  CHECK(refused(R"("seed":7,"n":2)").message == "Unsupported parameters: 'seed', 'n'");
  CHECK(refused(R"("stream":true,"stream_options":{"chunk":1})").param == "stream_options.chunk");
}

TEST_CASE("what asks for nothing but what happens anyway is taken", "[api][completion]") {
  read(R"("n":1,"top_p":1,"frequency_penalty":0,"presence_penalty":0.0,"logprobs":false,
    "store":false,"parallel_tool_calls":true,"logit_bias":{},"modalities":["text"],
    "service_tier":"auto","seed":null,"temperature":null,"tools":[],"stop":null)");
}

TEST_CASE("fields out of range are refused by name", "[api][completion]") {
  CHECK(refused(R"("temperature":2.1)").param == "temperature");
  CHECK(refused(R"("temperature":-0.1)").param == "temperature");
  CHECK(refused(R"("temperature":"1")").param == "temperature");
  CHECK(read(R"("temperature":2)").what.wishes.temperature == 2.0);
  CHECK(read(R"("temperature":0)").what.wishes.temperature == 0.0);
  CHECK(refused(R"("max_tokens":0)").param == "max_tokens");
  CHECK(refused(R"("max_tokens":1.5)").param == "max_tokens");
  CHECK(read(R"("max_tokens":1)").what.wishes.reply_tokens_max == 1);
  CHECK(refused(R"("max_tokens":1,"max_completion_tokens":2)").param == "max_tokens");
  CHECK(refused(R"("stop":["a","b","c","d","e"])").param == "stop");
  CHECK(refused(R"("stop":"")").param == "stop");
  CHECK(refused(R"("stop":")" + std::string(257, 'x') + "\"").param == "stop");
  CHECK(refused(R"("stream":"yes")").param == "stream");
  CHECK(refused(R"("stream_options":{"include_usage":true})").param == "stream_options");
  CHECK(refused(R"("response_format":{"type":"xml"})").param == "response_format.type");
  CHECK(refused(R"("response_format":{"type":"json_schema"})").param
        == "response_format.json_schema");
  CHECK(refused(R"("user":7)").param == "user");
  CHECK(refused(R"("metadata":{"a":1})").param == "metadata");
  CHECK(refused_body(json::parse(R"({"messages":[]})")).param == "model");
  CHECK(refused_body(json::parse(R"({"model":"m"})")).param == "messages");
  CHECK(refused_body(json::parse("[]")).message == "the body must be a JSON object");
}

TEST_CASE("messages that no model would take are refused by their place", "[api][completion]") {
  CHECK(refused("", "[]").param == "messages");
  CHECK(refused("", R"([{"role":"system","content":"x"}])").param == "messages");
  CHECK(refused("", R"([{"role":"robot","content":"x"}])").param == "messages[0].role");
  CHECK(refused("", R"([{"role":"user","content":null}])").param == "messages[0].content");
  CHECK(refused("", R"([{"role":"user","content":7}])").param == "messages[0].content");
  CHECK(refused("", R"([{"role":"user","content":"x","name":"Bo"}])").param == "messages[0].name");
  CHECK(refused("", R"([{"role":"user","content":[{"type":"input_audio"}]}])").param
        == "messages[0].content[0].type");
  CHECK(refused("", R"([{"role":"user","content":[{"type":"image_url",
    "image_url":{"url":"https://a/b.png"}}]}])")
          .param
        == "messages[0].content[0].image_url.url");
  CHECK(refused("", R"([{"role":"user","content":"x"},
    {"role":"tool","tool_call_id":"c1","content":"x"}])")
          .param
        == "messages[1].tool_call_id");
  CHECK(refused("", R"([{"role":"user","content":"x"},{"role":"assistant","tool_calls":[
    {"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}])")
          .param
        == "messages[1].tool_calls");
  CHECK(refused("", R"([{"role":"user","content":"x"},{"role":"assistant","tool_calls":[
    {"id":"c1","type":"function","function":{"name":"f","arguments":"{"}}]}])")
          .param
        == "messages[1].tool_calls[0].function.arguments");
}

TEST_CASE("bounds of messages, at them and beyond", "[api][completion]") {
  const auto user = [](std::size_t bytes) {
    return R"({"role":"user","content":")" + std::string(bytes, 'x') + R"("})";
  };
  CHECK(read("", "[" + user(completion_message_bytes_max) + "]").what.messages.size() == 1);
  CHECK(refused("", "[" + user(completion_message_bytes_max + 1) + "]").param
        == "messages[0].content");
  const auto system = [](std::size_t bytes) {
    return R"([{"role":"user","content":"x"},{"role":"system","content":")"
           + std::string(bytes, 'x') + R"("}])";
  };
  read("", system(completion_system_bytes_max));
  CHECK(refused("", system(completion_system_bytes_max + 1)).param == "messages");
  auto many = user(1);
  for (auto i = std::size_t{1}; i < completion_messages_max; ++i)
    many += "," + user(1);
  read("", "[" + many + "]");
  CHECK(refused("", "[" + many + "," + user(1) + "]").param == "messages");
  auto tools = tool_json("t0");
  for (auto i = std::size_t{1}; i < completion_tools_max; ++i)
    tools += "," + tool_json("t" + std::to_string(i));
  read(R"("tools":[)" + tools + "]");
  CHECK(refused(R"("tools":[)" + tools + "," + tool_json("x") + "]").param == "tools");
}

TEST_CASE("a turn of a conversation takes no tools, and one message", "[api][completion]") {
  const auto there = std::string{R"("metadata":{"conversation":"conv_1"})"};
  CHECK(refused(there + R"(,"tools":[)" + tool_json("look") + "]").param == "tools");
  // Images alone are no message there.
  CHECK(refused(there, R"([{"role":"user","content":[{"type":"image_url",
    "image_url":{"url":"data:image/png;base64,aGk="}}]}])")
          .param
        == "messages");
  read(there, R"([{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url",
    "image_url":{"url":"data:image/png;base64,aGk="}}]}])");
  CHECK(refused(there, R"([{"role":"user","content":")" + std::string(65'537, 'x') + R"("}])").param
        == "messages");
  read(there, R"([{"role":"user","content":")" + std::string(65'536, 'x') + R"("}])");
}

TEST_CASE("answers have the fields that clients read", "[api][completion]") {
  const auto head = completion_head{"chatcmpl-1", 1'767'225'600, "persona_1", false};
  auto end = completion_end{};
  end.status = message_status::complete;
  end.text = "It \"is\".";
  end.usage = {10, 5, false};
  CHECK(completion_json(head, end)
        == R"({"id":"chatcmpl-1","object":"chat.completion","created":1767225600,)"
           R"("model":"persona_1","choices":[{"index":0,"message":{"role":"assistant",)"
           R"("content":"It \"is\".","refusal":null},"logprobs":null,"finish_reason":"stop"}],)"
           R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})");
  end.text.clear();
  end.calls = {{"look", R"({"a":1})", "call_1", false}};
  end.finish = finish_reason::tool_calls;
  const auto called = json::parse(completion_json(head, end));
  const auto& choice = called.at("choices").at(0);
  CHECK(choice.at("message").at("content").is_null());
  CHECK(choice.at("finish_reason") == "tool_calls");
  CHECK(choice.at("message").at("tool_calls").at(0).at("function").at("arguments") == R"({"a":1})");
}

TEST_CASE("chunks have the fields that clients read", "[api][completion]") {
  auto head = completion_head{"chatcmpl-1", 1, "p", false};
  CHECK(role_chunk(head)
        == R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"p",)"
           R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,)"
           R"("finish_reason":null}]})");
  const auto text = json::parse(text_chunk(head, "a\nb"));
  CHECK(text.at("choices").at(0).at("delta").at("content") == "a\nb");
  CHECK_FALSE(text.as_object().contains("usage"));
  const auto calls =
    json::parse(calls_chunk(head, {{"f", "{}", "c1", false}, {"g", "{}", "c2", false}}));
  CHECK(calls.at("choices").at(0).at("delta").at("tool_calls").at(1).at("index") == 1);
  CHECK(calls.at("choices").at(0).at("delta").at("tool_calls").at(1).at("id") == "c2");
  const auto last = json::parse(finish_chunk(head, finish_reason::length));
  CHECK(last.at("choices").at(0).at("finish_reason") == "length");
  head.with_usage = true;
  CHECK(json::parse(text_chunk(head, "x")).at("usage").is_null());
  const auto usage = json::parse(usage_chunk(head, {3, 4, false}));
  CHECK(usage.at("choices").as_array().empty());
  CHECK(usage.at("usage").at("total_tokens") == 7);
}

TEST_CASE("our errors become those that OpenAI's clients expect", "[api][completion]") {
  struct row {
    errc code;
    unsigned status;
    std::string_view type;
    std::string_view told;
  };
  for (const auto& r :
       {row{errc::persona_not_found, 404, "invalid_request_error", "model_not_found"},
        row{errc::turn_already_active, 409, "invalid_request_error", "turn_already_active"},
        row{errc::rate_limit_exceeded, 429, "requests", "rate_limit_exceeded"},
        row{errc::overloaded, 503, "server_error", "overloaded"},
        row{errc::model_unavailable, 503, "server_error", "model_unavailable"},
        row{errc::internal_error, 500, "server_error", "internal_error"}}) {
    const auto answer = in_openai_form(error_answer({r.code, "so it is"}));
    CAPTURE(answer.body);
    CHECK(answer.status == r.status);
    const auto error = json::parse(answer.body).at("error");
    CHECK(std::string_view{error.at("type").as_string()} == r.type);
    CHECK(std::string_view{error.at("code").as_string()} == r.told);
    CHECK(error.at("message").as_string().size() > 0);
  }
  const auto bad = in_openai_form(error_answer({errc::malformed_json, "no JSON"}));
  CHECK(bad.status == 400);
  CHECK(
    bad.body
    == R"({"error":{"message":"no JSON","type":"invalid_request_error","param":null,"code":null}})");
  const auto none = in_openai_form(error_answer(401, "authentication_error", "a key is needed"));
  CHECK(json::parse(none.body).at("error").at("code") == "invalid_api_key");
  const auto other = in_openai_form(error_answer(403, "host_not_allowed", "not here"));
  CHECK(other.status == 403);
  CHECK(json::parse(other.body).at("error").at("code") == "host_not_allowed");
  CHECK(in_openai_form({.body = "plain"}).body == "plain");
  CHECK(json::parse(openai_answer({"m", "p", "c"}).body).at("error").at("param") == "p");
}

TEST_CASE("how a completion failed decides its status", "[api][completion]") {
  const auto failed = [](std::string kind) {
    auto end = completion_end{};
    end.error_kind = std::move(kind);
    end.error = "why";
    return openai_failure_of(end);
  };
  CHECK(failed("rate_limited").status == 429);
  CHECK(failed("rate_limited").may_retry);
  CHECK(failed("context_overflow").status == 400);
  CHECK(failed("provider_auth_failed").status == 502);
  CHECK_FALSE(failed("provider_auth_failed").may_retry);
  CHECK(failed("budget_exhausted").status == 503);
  CHECK(failed("internal_error").status == 500);
  CHECK(failed("internal_error").json.find("why") == std::string::npos);
  auto cancelled = completion_end{};
  cancelled.status = message_status::cancelled;
  CHECK(openai_failure_of(cancelled).status == 503);
}

TEST_CASE("personas are listed as models", "[api][completion]") {
  CHECK(models_json("[]", {"alice"}) == R"({"object":"list","data":[]})");
  CHECK(models_json(R"([{"id":"persona_1","created_at":"2026-01-01T00:00:00.000Z"}])", {"alice"})
        == R"({"object":"list","data":[{"id":"persona_1","object":"model",)"
           R"("created":1767225600,"owned_by":"alice"}]})");
}
