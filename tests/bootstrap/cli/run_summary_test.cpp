#include "bootstrap/cli/run_summary.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime::cli;

TEST_CASE("the summary of a finished run", "[bootstrap][cli][summary]") {
  CHECK(summary_lines(R"({"id":"run_1","status":"completed","steps":[{},{}],"output":"Berth 4.",)"
                      R"("error":null,"usage":{"model_calls":3,"prompt_tokens":1100,)"
                      R"("completion_tokens":134,"cost_cents":1.25,"by_model":{"openai/m":)"
                      R"({"model_calls":3,"prompt_tokens":1100,"completion_tokens":134,)"
                      R"("cost_cents":1.25}}},"started_at":"2026-11-21T08:15:30Z",)"
                      R"("finished_at":"2026-11-21T08:15:33.500000Z"})")
        == R"(
Answer

Berth 4.

status    completed
steps     2
calls     3 model calls
tokens    1,234 tokens (1,100 in, 134 out)
cost      1.25 US cents
model     openai/m
time      3.5 s
)");
}

TEST_CASE("several models are told apart, unknown prices said", "[bootstrap][cli][summary]") {
  const auto text = summary_lines(
    R"({"status":"error","output":null,"error":"rate_limited: try later","usage":{"model_calls":2,)"
    R"("prompt_tokens":10,"completion_tokens":1,"cost_cents":null,"estimated":true,"by_model":{)"
    R"("a/x":{"model_calls":1,"prompt_tokens":4,"completion_tokens":1,"cost_cents":0.5},)"
    R"("b/y":{"model_calls":1,"prompt_tokens":6,"completion_tokens":0,"cost_cents":null}}}})");
  CHECK(text == R"(
No answer

status    error
error     rate_limited: try later
calls     2 model calls
tokens    11 tokens (10 in, 1 out, partly our estimate)
cost      price unknown
model     a/x: 1 call, 5 tokens (4 in, 1 out), 0.5 US cents
model     b/y: 1 call, 6 tokens (6 in, 0 out), price unknown
)");
}

TEST_CASE("the stand-in is named for what it is", "[bootstrap][cli][summary]") {
  const auto of = [](std::string model) {
    return summary_lines(
      R"({"status":"completed","output":"4","usage":{"cost_cents":0,"by_model":{")" + model
      + R"(":{}}}})");
  };
  CHECK(of("rehearsal/small").find("built-in stand-in") != std::string::npos);
  CHECK(of("rehearsal/small").find("PERSONA_PROVIDER") != std::string::npos);
  CHECK(of("openai/rehearsal").find("stand-in") == std::string::npos);
}

TEST_CASE("a hostile answer stays text", "[bootstrap][cli][summary]") {
  const auto text = summary_lines(
    R"({"status":"com\u001b[2Jpleted","output":"\u001b]52;c;eA==\u0007 two\nlines","usage":{)"
    R"("by_model":{"x\u009b31m":{}}}})");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\xc2\x9b") == std::string::npos);
  CHECK(text.find("\\x1b]52;c;eA==\\x07 two\nlines") != std::string::npos);
}

TEST_CASE("what is no status says so", "[bootstrap][cli][summary]") {
  for (const auto* text : {"", "[]", "{", "{}", R"({"status":7})"})
    CHECK(summary_lines(text).starts_with("The status of the run cannot be read"));
}
