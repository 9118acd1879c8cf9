#include "providers/chat/scripted.hpp"
#include "tests/providers/chat/call_recorder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tokenizer.hpp"

using namespace persona_runtime;

namespace {

chat_script script_of(std::string_view json) {
  return parse_chat_script(json, "talk.json").value();
}

std::string refusal_of(std::string_view json) {
  const auto script = parse_chat_script(json, "talk.json");
  return script.has_error() ? script.error().detail : "accepted";
}

struct stage {
  explicit stage(std::string_view json)
    : provider{make_scripted_provider(script_of(json), shared_tokenizer_ptr(), thread)} {}

  std::shared_ptr<call_recorder> begin(call_purpose purpose = call_purpose::step) {
    auto recorder = std::make_shared<call_recorder>();
    chat_request request;
    request.context = {a_message(role::system, "You are Mira."), a_message(role::user, "hi")};
    request.purpose = purpose;
    request.sink = recorder;
    call = provider->start(std::move(request), recorder->done());
    return recorder;
  }

  model_result<model_reply> play(call_purpose purpose = call_purpose::step) {
    return begin(purpose)->wait();
  }

  io_thread thread;
  std::shared_ptr<chat_provider> provider;
  std::unique_ptr<pending_call> call;
};

}  // namespace

TEST_CASE("scripted: replies come in order, then empty text", "[providers][chat]") {
  stage s{R"({"script": [{"content": "one"}, {"content": {"prefix": "<", "repeat": "ab",
              "times": 3, "suffix": ">"}, "usage": [7, 8]}]})"};
  const auto first = s.play();
  CHECK(first->text == "one");
  CHECK(first->usage == token_usage{10, 5});
  CHECK(first->size == size_of(shared_tokenizer(), role::assistant, "one"));
  const auto second = s.play();
  CHECK(second->text == "<ababab>");
  CHECK(second->usage == token_usage{7, 8});
  const auto used_up = s.play();
  CHECK(used_up->text.empty());
  CHECK(used_up->usage == token_usage{1, 0});
}

TEST_CASE("scripted: summaries are a list of their own", "[providers][chat]") {
  stage s{R"({"script": [{"content": "step"}], "summaries": [{"content": "short"}]})"};
  CHECK(s.play(call_purpose::summary)->text == "short");
  const auto used_up = s.play(call_purpose::summary);
  CHECK(used_up->text == "SUMMARY");
  CHECK(used_up->usage == token_usage{5, 2});
  CHECK(s.play()->text == "step");
}

TEST_CASE("scripted: reasoning and deltas are streamed piece by piece", "[providers][chat]") {
  stage s{R"({"script": [{"reasoning": ["hm", "m"], "deltas": ["Ber", "th 4"], "delay_ms": 5}]})"};
  const auto recorder = s.begin();
  const auto reply = recorder->wait();
  CHECK(reply->text == "Berth 4");
  CHECK(reply->reasoning == "hmm");
  CHECK(recorder->texts == std::vector<std::string>{"Ber", "th 4"});
  CHECK(recorder->reasonings == std::vector<std::string>{"hm", "m"});
  CHECK(reply->finish == finish_reason::stop);
  CHECK(reply->latency_ms >= 5);
}

TEST_CASE("scripted: tool calls in every form", "[providers][chat]") {
  stage s{R"({"script": [{"tool_calls": [
    {"name": "echo", "args": {"a": [1, "x"]}, "call_id": "c1"},
    {"name_fragments": ["ec", "ho"], "arg_fragments": ["{\"a\"", ": 1}"], "call_id": "c2"},
    {"name": "echo", "raw_args": "{\"a\": \"hal"}, {"name": "echo", "raw_args": "[1]"},
    {"name": "echo", "raw_args": ""}, {"name": "echo", "args": {}, "truncated": true}]}]})"};
  const auto reply = s.play();
  REQUIRE(reply->calls.size() == 6);
  CHECK(reply->finish == finish_reason::tool_calls);
  CHECK(reply->calls[0] == tool_call{"echo", R"({"a":[1,"x"]})", "c1", false});
  CHECK(reply->calls[1] == tool_call{"echo", R"({"a": 1})", "c2", false});
  for (const std::size_t cut : {2u, 3u, 5u})
    CHECK(reply->calls[cut] == tool_call{"echo", "{}", "", true});
  CHECK(reply->calls[4] == tool_call{"echo", "{}", "", false});
}

TEST_CASE("scripted: usage null is counted and marked", "[providers][chat]") {
  stage s{R"({"script": [{"content": "hello world", "usage": null}]})"};
  const token_usage usage = s.play()->usage;
  CHECK(usage.estimated);
  CHECK(usage.completion == 2);
  CHECK(usage.prompt == shared_tokenizer().count("system: You are Mira.\nuser: hi"));
}

TEST_CASE("scripted: errors in our classes", "[providers][chat]") {
  stage s{R"({"script": [
    {"error": {"type": "RateLimitError", "message": "slow", "context": {"retry_after_s": 2.5, "reason": "x"}}},
    {"error": {"type": "AuthenticationError", "message": "bad key"}},
    {"error": {"type": "BackendTimeoutError"}}, {"error": {"type": "ModelNotFoundError"}},
    {"error": {"type": "ProviderCredentialMissingError"}},
    {"error": {"type": "ProviderError", "context": {"status_code": 503}}},
    {"error": {"type": "RuntimeError", "message": "boom"}}]})"};
  const auto limited = s.play().error();
  CHECK(limited.kind == model_error_class::rate_limit);
  CHECK(limited.retry_after == "2.5");
  CHECK(limited.reason == "x");
  CHECK(limited.detail == "slow");
  CHECK_FALSE(limited.output_begun);
  CHECK(s.play().error().kind == model_error_class::authentication);
  CHECK(s.play().error().kind == model_error_class::backend_timeout);
  CHECK(s.play().error().kind == model_error_class::model_not_found);
  CHECK(s.play().error().kind == model_error_class::credential_missing);
  CHECK(s.play().error().status == 503);
  const auto other = s.play().error();
  CHECK(other.kind == model_error_class::provider_error);
  CHECK(other.status == 0);
}

TEST_CASE("scripted: an error after some pieces", "[providers][chat]") {
  stage s{
    R"({"script": [{"deltas": ["a", "b", "c"], "error": {"type": "ProviderError", "after": 2}}]})"};
  const auto recorder = s.begin();
  CHECK(recorder->wait().error().output_begun);
  CHECK(recorder->texts == std::vector<std::string>{"a", "b"});
}

TEST_CASE("scripted: a cancelled call never ends, the next one does", "[providers][chat]") {
  stage s{R"({"script": [{"content": "late", "delay_ms": 3600000}, {"content": "next"}]})"};
  const auto cancelled = s.begin();
  s.call->cancel();
  s.call->cancel();
  CHECK(s.play()->text == "next");
  CHECK(cancelled->ends() == 0);
  CHECK(cancelled->texts.empty());
}

TEST_CASE("scripted: a delay holds up nobody else", "[providers][chat]") {
  stage s{R"({"script": [{"content": "slow", "delay_ms": 200}, {"content": "fast"}]})"};
  const auto slow = s.begin();
  const auto keep = std::move(s.call);
  CHECK(s.play()->text == "fast");
  CHECK(slow->ends() == 0);
  CHECK(slow->wait()->text == "slow");
}

TEST_CASE("script files: what is wrong, and where", "[providers][chat]") {
  CHECK(refusal_of("{").find("talk.json: is not JSON: ") == 0);
  CHECK(refusal_of("[]") == "talk.json: the file: must be an object");
  CHECK(refusal_of("{}") == "talk.json: has neither script nor summaries");
  CHECK(refusal_of(R"({"script": {}})") == "talk.json: script: must be a list");
  CHECK(refusal_of(R"({"script": [{}, 3]})") == "talk.json: script[1]: must be an object");
  CHECK(refusal_of(R"({"script": [{"contents": "x"}]})")
        == "talk.json: script[0].contents: no such field here");
  CHECK(refusal_of(R"({"summaries": [{"usage": [1]}]})")
        == "talk.json: summaries[0].usage: must be [prompt, completion] or null");
  CHECK(refusal_of(R"({"script": [{"delay_ms": -1}]})").find("script[0].delay_ms")
        != std::string::npos);
  CHECK(refusal_of(R"({"script": [{"tool_calls": [{"name": "a", "args": []}]}]})")
        == "talk.json: script[0].tool_calls[0].args: must be an object");
  CHECK(refusal_of(R"({"script": [{"error": {}}]})") == "talk.json: script[0].error: needs a type");
  CHECK(refusal_of(R"({"script": [{"deltas": ["a", 7]}]})").find("script[0].deltas[1]")
        != std::string::npos);
  CHECK(refusal_of(R"({"name": "x", "script": []})") == "accepted");
}

TEST_CASE("script files: texts are bounded", "[providers][chat]") {
  CHECK(refusal_of(R"({"script": [{"content": {"repeat": "ab", "times": 8388609}}]})")
        == "talk.json: script[0].content: becomes larger than 16 MiB");
  CHECK(
    refusal_of(R"({"script": [{"content": {"repeat": "a", "times": 16777216}}, {"content": "b"}]})")
    == "talk.json: script[1].content: all texts together become larger than 16 MiB");
}
