#include "domain/prompt/prompt_texts.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

std::string shipped() {
  std::ifstream in{PERSONA_SOURCE_DIR "/config/prompts/run.yaml"};
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string with(std::string text, std::string_view old, std::string_view replacement) {
  auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), replacement);
}

std::vector<problem> problems_of(std::string_view yaml) {
  auto read = parse_prompt_texts(yaml);
  return read ? std::vector<problem>{} : read.error();
}

}  // namespace

TEST_CASE("the shipped texts are complete", "[domain][prompt]") {
  auto read = parse_prompt_texts(shipped());
  REQUIRE(read.has_value());
  CHECK_THAT(read->framing, Contains("[ASK_USER]") && Contains("[FINAL]"));
  CHECK_THAT(read->framing, Contains("plan", Catch::CaseSensitive::No) && Contains("tool")
                              && Contains("one question") && Contains("begin a line with"));
  CHECK(read->run.question_options.size() == 3);
  CHECK_THAT(read->run.reasoning_nudge, Contains("[FINAL]"));
  CHECK_THAT(read->run.strong_nudge, Contains("[FINAL]") && Contains("[ASK_USER]"));
  CHECK(read->run.step_summary_lead_in.ends_with(":\n"));
  CHECK_FALSE(read->framing.ends_with('\n'));
}

TEST_CASE("AGT-21 the text for a cut-off call names the tool and is no argument error",
          "[domain][prompt]") {
  auto read = parse_prompt_texts(shipped());
  REQUIRE(read.has_value());
  auto text = with_values(read->run.truncated_call, {{"tool", "file_write"}});
  CHECK_THAT(text, Contains("file_write") && Contains("cut off") && Contains("smaller calls"));
  CHECK_THAT(text, !Contains("invalid") && !Contains("{"));
}

TEST_CASE("AGT-04 the text for an unknown tool says so and lists those there are",
          "[domain][prompt]") {
  auto read = parse_prompt_texts(shipped());
  REQUIRE(read.has_value());
  CHECK(with_values(read->run.unavailable_tool, {{"tool", "teleport"}, {"available", "a, b"}})
        == "teleport is not available; available tools: a, b");
}

TEST_CASE("a missing text is named with its block", "[domain][prompt]") {
  auto found = problems_of(with(shipped(), "  no_answer: >-", "  no_answers: >-"));
  REQUIRE(found.size() == 2);
  CHECK(std::any_of(found.begin(), found.end(), [](const problem& p) {
    return p.path == "run.no_answer" && p.text.starts_with("is missing");
  }));
  CHECK(std::any_of(found.begin(), found.end(), [](const problem& p) {
    return p.path == "run.no_answers" && p.text.ends_with("did you mean no_answer?");
  }));
}

TEST_CASE("every missing text is named at once", "[domain][prompt]") {
  auto empty = problems_of("{}");
  REQUIRE(empty.size() >= 4);
  auto no_texts = problems_of("{floor: {}, skills: {}, framing: x, run: {}}");
  // Twelve of the floor, seven of skills, thirteen of the run, its options, and two markers.
  CHECK(no_texts.size() == 36);
  CHECK_FALSE(problems_of("").empty());
  CHECK_FALSE(problems_of("[").empty());
}

TEST_CASE("a text must hold its placeholders and no others", "[domain][prompt]") {
  auto lost = problems_of(with(shipped(), "call to {tool} was cut", "call was cut"));
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].path == "run.truncated_call");
  CHECK_THAT(lost[0].text, Contains("{tool}"));
  auto foreign = problems_of(with(shipped(), "You are {name}", "You are {nmae}, {name}"));
  REQUIRE(foreign.size() == 1);
  CHECK(foreign[0].path == "floor.opener");
  CHECK_THAT(foreign[0].text, Contains("{nmae}"));
}

TEST_CASE("the framing must tell of both markers", "[domain][prompt]") {
  auto text = shipped();
  for (int i = 0; i < 2; ++i)
    text = with(text, "[ASK_USER]", "[ASK]");
  auto found = problems_of(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == "framing");
  CHECK_THAT(found[0].text, Contains("[ASK_USER]"));
}

TEST_CASE("there are exactly three labels for a question", "[domain][prompt]") {
  for (auto labels :
       {"[\"Yes\", \"No\"]", "[\"Yes\", \"No\", \"a\", \"b\"]", "[\"Yes\", \"No\", \" \"]"}) {
    CAPTURE(labels);
    auto found = problems_of(with(shipped(), "[\"Yes\", \"No\", Let me explain]", labels));
    REQUIRE(found.size() == 1);
    CHECK(found[0].path == "run.question_options");
  }
}

TEST_CASE("values are put in once and not looked into", "[domain][prompt]") {
  CHECK(with_values("{a} and {b}", {{"a", "{b}"}, {"b", "x"}}) == "{b} and x");
  CHECK(with_values("{a}{a}", {{"a", "1"}}) == "11");
  CHECK(with_values("{unknown} {} {A} {", {{"a", "1"}}) == "{unknown} {} {A} {");
  CHECK(with_values("{{a}}", {{"a", "1"}}) == "{1}");
}
