#include "domain/tool/arguments.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

using strings = std::vector<std::string>;

strings problems(std::string_view schema) {
  return check_schema(schema).problems;
}

}  // namespace

TEST_CASE("A schema that we understand has nothing to report", "[domain][tool]") {
  const auto report = check_schema(R"({"type":"object","title":"t","additionalProperties":false,
    "properties":{"a":{"type":["string","null"],"default":null,"maxLength":5},
                  "b":{"$ref":"#/$defs/n"}},"required":["b"],
    "$defs":{"n":{"anyOf":[{"type":"integer","minimum":0},{"const":"all"}]}}})");
  CHECK(report.problems.empty());
  CHECK(report.ignored.empty());
}

TEST_CASE("Keywords that nobody looks at are listed with their place", "[domain][tool]") {
  const auto report = check_schema(
    R"({"type":"object","minProperties":1,"properties":{"a":{"type":"string","format":"uri"}}})");
  CHECK(report.problems.empty());
  CHECK(report.ignored == strings{"minProperties", "properties/a/format"});
}

TEST_CASE("Schemas that cannot work are told with place and reason", "[domain][tool]") {
  CHECK(problems("[]") == strings{"schema: must be a JSON object"});
  CHECK(problems("{").front().starts_with("schema: is not JSON ("));
  CHECK(problems("{}") == strings{"type: must be object, because arguments have names"});
  CHECK(problems(R"({"type":"object","properties":{"a":{"type":"int"}}})").front()
        == "properties/a/type: must be null, boolean, integer, number, string, array or object, or "
           "a list of these");
  CHECK(problems(R"({"type":"object","required":"a"})")
        == strings{"required: must be a list of strings"});
  CHECK(problems(R"({"type":"object","properties":{"a":{"minLength":-1}}})")
        == strings{"properties/a/minLength: must be a whole number of at least 0"});
  CHECK(problems(R"({"type":"object","properties":{"a":{"$ref":"#/$defs/x"}}})")
        == strings{"properties/a/$ref: names no part of this schema"});
  CHECK(problems(R"({"type":"object","properties":{"a":{"$ref":"http://x.example/y"}}})")
        == strings{"properties/a/$ref: names no part of this schema"});
  CHECK(problems(R"({"type":"object","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})")
          .front()
        == "$defs/a/$ref: refers to itself");
  CHECK(problems(std::string(257 * 1024, ' ')) == strings{"schema: is longer than 256 KiB"});
}

TEST_CASE("Patterns are tried when somebody can", "[domain][tool]") {
  constexpr auto schema =
    R"({"type":"object","properties":{"a":{"type":"string","pattern":"(a)\\1"}}})";
  CHECK(check_schema(schema).problems.empty());
  const auto report = check_schema(schema, [](std::string_view) { return false; });
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems.front().starts_with("properties/a/pattern: cannot be compiled"));
}

TEST_CASE("A report stays short however bad the schema is", "[domain][tool]") {
  auto properties = std::string{};
  for (auto i = 0; i < 200; ++i)
    properties += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":{"type":"x","z":1})";
  const auto report = check_schema(R"({"type":"object","properties":{)" + properties + "}}");
  CHECK(report.problems.size() == 20);
  CHECK(report.ignored.size() == 50);
  auto deep = std::string{R"({"type":"object")"};
  for (auto i = 0; i < 40; ++i)
    deep += R"(,"items":{"type":"array")";
  deep += std::string(41, '}');
  CHECK(problems(deep).size() == 1);
}
