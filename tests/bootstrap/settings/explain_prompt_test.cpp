#include "bootstrap/cli/explain_prompt.hpp"
#include "tests/domain/prompt/marked_texts.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tokenizer.hpp"

#include <boost/json.hpp>

#include <sstream>

namespace persona_runtime {
namespace {

namespace json = boost::json;
using Catch::Matchers::Contains;

const std::string mira =
  R"("persona":{"identity":{"name":"Mira","role":"clerk","background":"Keeps the book."}})";

json::object answer(const std::string& line) {
  const auto texts = test::marked_texts();
  auto in = std::istringstream{line + '\n'};
  auto out = std::ostringstream{};
  CHECK(cli::explain_prompt_jsonl({shared_tokenizer(), texts}, in, out) == 0);
  return json::parse(out.str()).as_object();
}

std::string error_of(const std::string& line) {
  const auto out = answer(line);
  REQUIRE(out.contains("error"));
  return std::string{out.at("error").as_string()};
}

std::string text_of(const json::object& out, std::size_t index) {
  return std::string{out.at("messages").at(index).at("text").as_string()};
}

}  // namespace

TEST_CASE("explain prompt: what the model would see, and its tokens", "[bootstrap][cli]") {
  const auto out = answer(
    "{\"id\":7," + mira
    + R"(,"retrieved":{"self_facts":["One."],"worldview":[{"text":"Two.","epistemic":"fact"}],)"
      R"("episodic":[{"text":"Three.","by_author":false}]},"history":[)"
      R"({"role":"user","content":"a"},{"role":"assistant","content":"b"}],)"
      R"("skill_index":"SKILLS","skill_content":"ACTIVE","reply_language":"nb","user":"Hi."})");
  CHECK(out.at("id") == 7);
  CHECK(text_of(out, 0)
        == "You are Mira, clerk.\nKeeps the book.\n\nReply in Norwegian.\n\nSELF:\n- One.\n\n"
           "WORLD:\n- Two. (fact)\n\nBEFORE:\n(REMEMBERED)\n"
           "<<<memory nonce=00000000000000000000000000000000>>>\n- Three.\n"
           "<<<end memory nonce=00000000000000000000000000000000>>>\n\n"
           "SKILLS\n\nPREAMBLE\n\nACTIVE\n\nFOOTER");
  CHECK(out.at("messages").as_array().size() == 4);
  CHECK(text_of(out, 3) == "Hi.");
  CHECK(out.at("dropped").as_array().empty());
  auto sum = std::int64_t{0};
  for (const auto& tokens : out.at("tokens").as_array())
    sum += tokens.to_number<std::int64_t>();
  CHECK(out.at("total_tokens") == sum);
}

TEST_CASE("explain prompt: what the budget left out is named", "[bootstrap][cli]") {
  const auto out =
    answer("{" + mira
           + R"(,"retrieved":{"episodic":["E"],"self_facts":["S"]},"max_tokens":1,"history":[)"
             R"({"role":"system","content":"before"},{"role":"user","content":"a"},)"
             R"({"role":"assistant","content":{"prefix":"b","repeat":" c","times":3}}]})");
  CHECK_FALSE(out.contains("id"));
  CHECK(out.at("dropped") == json::array{"episodic", "self_facts", "history[1]", "history[2]"});
  CHECK(text_of(out, 1) == "before");  // a summary stays (D-24)
}

TEST_CASE("explain prompt: a line that cannot be answered says why", "[bootstrap][cli]") {
  CHECK_THAT(error_of("{}"), Contains("persona"));
  CHECK_THAT(error_of(R"({"id":1,"persona":{"identity":{"name":"M"}}})"), Contains("role"));
  CHECK_THAT(error_of("{" + mira + R"(,"documents":{}})"), Contains("documents"));
  CHECK_FALSE(answer("{" + mira + R"(,"documents":null})").contains("error"));
  CHECK_THAT(error_of("{" + mira + R"(,"retrieved":{"graph":[]}})"), Contains("graph"));
  CHECK_THAT(error_of("{" + mira + R"(,"retrieved":[]})"), Contains("retrieved"));
  CHECK_THAT(error_of("{" + mira + R"(,"history":[{"role":"bot"}]})"), Contains("role"));
  CHECK_THAT(error_of("{" + mira + R"(,"history":[7]})"), Contains("history"));
  CHECK_THAT(error_of("{" + mira + R"(,"user":7})"), Contains("user"));
  CHECK_THAT(error_of("{" + mira + R"(,"max_tokens":1.5})"), Contains("max_tokens"));
  CHECK_THAT(error_of("{" + mira + R"(,"user":{"repeat":"x","times":99999999}})"),
             Contains("16 MiB"));
  CHECK_THAT(error_of("{" + mira + R"(,"user":{"repeat":"x","times":-1}})"), Contains("16 MiB"));
}

TEST_CASE("explain prompt: for people", "[bootstrap][cli]") {
  const auto texts = test::marked_texts();
  auto out = std::ostringstream{};
  CHECK(cli::explain_prompt({shared_tokenizer(), texts}, test::full_persona(), "Hi.", out) == 0);
  CHECK_THAT(out.str(), Contains("--- system, ") && Contains("\nFOOTER\n--- user, 2 tokens\nHi.\n")
                          && Contains("tokens in all"));
}

}  // namespace persona_runtime
