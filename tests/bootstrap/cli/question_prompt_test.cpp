#include "bootstrap/cli/question_prompt.hpp"
#include "tests/support/catch.hpp"

#include <sstream>

using namespace persona_runtime;
using namespace persona_runtime::cli;

namespace {

asked_question berth() {
  return {"q1", "Which berth?", {{"Four", "by the pump"}, {"Nine", ""}, {"Either", ""}}};
}

std::optional<std::string> answer_to(std::string_view typed, const asked_question& q = berth()) {
  auto in = std::istringstream{std::string{typed}};
  auto out = std::ostringstream{};
  return ask(q, in, out);
}

}  // namespace

TEST_CASE("a number picks the option, anything else is the answer", "[bootstrap][cli][question]") {
  CHECK(answer_to("1\n") == "Four");
  CHECK(answer_to(" 3 \n") == "Either");
  CHECK(answer_to("2") == "Nine");
  CHECK(answer_to("4\n") == "4");
  CHECK(answer_to("0\n") == "0");
  CHECK(answer_to("12\n") == "12");
  CHECK(answer_to("the one  by the pump\r\nmore\n") == "the one  by the pump");
  CHECK(answer_to("\n") == "");
  CHECK(answer_to("1\n", {"", "How many?", {}}) == "1");
}

TEST_CASE("the end of the input is no answer", "[bootstrap][cli][question]") {
  CHECK(answer_to("") == std::nullopt);
}

TEST_CASE("an endless line is cut at the bound", "[bootstrap][cli][question]") {
  auto in = std::istringstream{std::string(answer_bytes_max, 'a') + "b\nnext\n"};
  auto out = std::ostringstream{};
  CHECK(ask(berth(), in, out) == std::string(answer_bytes_max, 'a'));
  CHECK(ask(berth(), in, out) == "next");
}

TEST_CASE("the question is shown with its options, and harmless", "[bootstrap][cli][question]") {
  auto in = std::istringstream{"1\n"};
  auto out = std::ostringstream{};
  auto q = berth();
  q.question = "Which\x1b[2J berth?";
  q.options[1].label = "Ni\nne";
  CHECK(ask(q, in, out) == "Four");
  CHECK(out.str()
        == "\nWhich\\x1b[2J berth?\n  1. Four - by the pump\n  2. Ni ne\n  3. Either\n"
           "Number, or an answer of your own: ");
}

TEST_CASE("a question is read from its event", "[bootstrap][cli][question]") {
  const auto q = question_of(
    R"({"type":"asking_user","step":0,"data":{"question":"Which?","options":[{"label":"A",)"
    R"("description":"d"},7,{"label":"B"}],"allow_free_form":true,"question_id":"q7"}})");
  REQUIRE(q.has_value());
  CHECK(q->id == "q7");
  CHECK(q->question == "Which?");
  CHECK(q->options == std::vector<question_option>{{"A", "d"}, {"B", ""}});
  CHECK_FALSE(question_of(R"({"type":"thinking","step":0,"data":{}})").has_value());
  CHECK_FALSE(question_of(R"({"type":"asking_user"})").has_value());
  CHECK_FALSE(question_of("{").has_value());
}
