#include "domain/skill/skill_file.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/tool/arguments.hpp"
#include "tests/domain/skill/skill_samples.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;
using Catch::Matchers::Contains;

namespace {

skill_list some_skills() {
  auto documents = a_skill("documents", "Write.");
  const auto parsed =
    parse_skill("---\ndescription: d\nmetadata:\n  parameters:\n    type: object\n"
                "    required: [format]\n    properties:\n"
                "      format: {type: string, enum: [md, txt]}\n"
                "      pages: {type: integer}\n      draft: {type: boolean}\n"
                "      content_spec: {anyOf: [{type: string}, {type: object}]}\n---\n",
                {"documents", "", skill_trust::builtin, "builtin"});
  REQUIRE(parsed.has_value());
  documents.parameters = parsed->parameters;
  return list_of({a_skill("knots", "Tie."), documents});
}

skill_request asked(std::string_view arguments) {
  return read_skill_request(arguments, some_skills());
}

}  // namespace

TEST_CASE("use_skill names the skill that is wanted", "[domain][skill]") {
  const auto out = asked(R"({"skill_name":"knots"})");
  REQUIRE(out.wanted != nullptr);
  CHECK(out.wanted->name == "knots");
  CHECK_FALSE(out.answer.is_error);
  CHECK(out.answer.content == "Activating skill: knots");
  CHECK(out.answer.data == R"({"skill_name":"knots"})");
  CHECK(out.parameters.empty());
}

TEST_CASE("SKILL-04 parameters are recorded when they are given", "[domain][skill]") {
  const auto out = asked(R"({"skill_name":"knots","parameters":{"k":"v"}})");
  CHECK(out.answer.data == R"({"skill_name":"knots","parameters":{"k":"v"}})");
  CHECK(out.parameters == R"({"k":"v"})");
  CHECK(asked(R"({"skill_name":"knots","parameters":null})").parameters.empty());
}

TEST_CASE("an unknown skill is an error that lists those there are, sorted", "[domain][skill]") {
  const auto out = asked(R"({"skill_name":"splices"})");
  CHECK(out.wanted == nullptr);
  CHECK(out.answer.is_error);
  CHECK_THAT(out.answer.content, Contains("splices") && Contains("documents, knots"));
  CHECK(out.answer.data.empty());
  CHECK_THAT(read_skill_request(R"({"skill_name":"x"})", {}).answer.content, Contains("(none)"));
}

TEST_CASE("SK-11 parameters are checked only when they are given", "[domain][skill]") {
  const auto empty = asked(R"({"skill_name":"documents","parameters":{}})");
  CHECK(empty.answer.is_error);
  CHECK_THAT(empty.answer.content, Contains("format"));
  CHECK(asked(R"({"skill_name":"documents"})").wanted != nullptr);
}

TEST_CASE("every problem of the parameters is listed", "[domain][skill]") {
  const auto out = asked(
    R"({"skill_name":"documents","parameters":{"format":"pdf","pages":"many","colour":"red"}})");
  CHECK(out.answer.is_error);
  CHECK_THAT(out.answer.content,
             Contains("format: ") && Contains("; pages: ") && Contains("; colour: is not known"));
}

TEST_CASE("SK-12 a bare text stands for an object with that content", "[domain][skill]") {
  const auto bare =
    asked(R"({"skill_name":"documents","parameters":{"format":"md","content_spec":"hey"}})");
  const auto whole = asked(
    R"({"skill_name":"documents","parameters":{"format":"md","content_spec":{"content":"hey"}}})");
  REQUIRE(bare.wanted != nullptr);
  CHECK(bare.parameters == R"({"format":"md","content_spec":{"content":"hey"}})");
  CHECK(bare.answer.data == whole.answer.data);
}

TEST_CASE("an optional parameter may be null, a required one may not", "[domain][skill]") {
  CHECK(asked(R"({"skill_name":"documents","parameters":{"format":"md","pages":null}})").parameters
        == R"({"format":"md"})");
  CHECK(asked(R"({"skill_name":"documents","parameters":{"format":null}})").answer.is_error);
}

TEST_CASE("arguments that are none are an error result", "[domain][skill]") {
  for (const auto* arguments : {"{}", R"({"skill_name":7})", R"({"skill_name":"knots","x":1})",
                                R"({"skill_name":"knots","parameters":"md"})"}) {
    CAPTURE(arguments);
    CHECK(asked(arguments).answer.is_error);
    CHECK(asked(arguments).wanted == nullptr);
  }
  const auto padding = std::string(64 * 1024, ' ');
  CHECK_THAT(asked(R"({"skill_name":"knots"})" + padding).answer.content, Contains("64 KiB"));
}

TEST_CASE("the definition of use_skill is a usable schema", "[domain][skill]") {
  const auto tool = use_skill_definition();
  CHECK(tool.name == "use_skill");
  CHECK(tool.effect == tool_effect::read_only);
  const auto report = check_schema(tool.parameters);
  CHECK(report.problems.empty());
  CHECK(report.ignored.empty());
}
