#include "domain/text/utf8.hpp"
#include "domain/tool/arguments.hpp"
#include "domain/tool/summarize.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

summary_wish wish_of(std::string_view arguments) {
  auto wish = read_summary_wish(arguments);
  REQUIRE(std::holds_alternative<summary_wish>(wish));
  return std::get<summary_wish>(std::move(wish));
}

std::string refusal_of(std::string_view arguments) {
  const auto wish = read_summary_wish(arguments);
  REQUIRE(std::holds_alternative<tool_result>(wish));
  CHECK(std::get<tool_result>(wish).is_error);
  return std::get<tool_result>(wish).content;
}

std::string of_words(int words) {
  return R"({"text":"tides","max_words":)" + std::to_string(words) + "}";
}

}  // namespace

TEST_CASE("BT-19 a blank text is refused before any model is asked", "[domain][tool]") {
  CHECK_THAT(refusal_of(R"({"text":"  \n\t "})"), Contains("blank"));
  CHECK_THAT(refusal_of(R"({"text":""})"), Contains("blank"));
  CHECK_THAT(refusal_of("{}"), Contains("Invalid arguments"));
  CHECK_THAT(refusal_of(R"({"text":"x","language":"no"})"), Contains("Invalid arguments"));
}

TEST_CASE("BT-19 how long a summary may be", "[domain][tool]") {
  CHECK(wish_of(R"({"text":"tides"})").words == 100);
  CHECK(wish_of(of_words(9)).words == 10);
  CHECK(wish_of(of_words(-4)).words == 10);
  CHECK(wish_of(of_words(500)).words == 500);
  CHECK(wish_of(of_words(501)).words == 500);
  CHECK(summary_reply_tokens(wish_of(of_words(10))) == 60);
  CHECK(summary_reply_tokens(wish_of(of_words(170))) == 1'020);
  CHECK(summary_reply_tokens(wish_of(of_words(171))) == 1'024);
}

TEST_CASE("BT-19 a long text is cut at 48,000 characters, between characters", "[domain][tool]") {
  auto text = std::string{};
  for (auto i = 0; i < 48'000; ++i)
    text += "å";
  CHECK_FALSE(wish_of(R"({"text":")" + text + "\"}").truncated);
  const auto cut = wish_of(R"({"text":")" + text + "x\"}");
  CHECK(cut.truncated);
  CHECK(cut.text == text);
  CHECK_THAT(summary_result(cut, "Short.").data, Contains(R"("input_truncated":true)"));
}

TEST_CASE("BT-19 an empty reply is an error", "[domain][tool]") {
  const auto wish = wish_of(R"({"text":"tides"})");
  CHECK(summary_result(wish, " \n").is_error);
  const auto made = summary_result(wish, " High at noon. \n");
  CHECK_FALSE(made.is_error);
  CHECK(made.content == "High at noon.");
}

TEST_CASE("TC-07 the definition of text_summarize", "[domain][tool]") {
  const auto tool = text_summarize_definition();
  CHECK(check_schema(tool.parameters).problems.empty());
  CHECK(tool.exclusive);
  CHECK(tool.effect == tool_effect::read_only);
}
