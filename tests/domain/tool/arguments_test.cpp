#include "domain/tool/arguments.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace persona_runtime;

namespace {

std::string outcome(std::string_view schema, std::string_view arguments,
                    const pattern_search& search = {}) {
  const auto checked = check_arguments(schema, arguments, search);
  if (const auto* problem = std::get_if<argument_problem>(&checked))
    return problem->text;
  return std::get<checked_arguments>(checked).text;
}

std::string of_type(const std::string& schema, const std::string& value) {
  return outcome(R"({"type":"object","properties":{"v":)" + schema + "}}",
                 R"({"v":)" + value + "}");
}

constexpr auto berth_schema = R"({"type":"object","additionalProperties":false,
  "properties":{"berth":{"type":"string"},"limit":{"type":"integer","default":3}},
  "required":["berth"]})";

struct row {
  std::string schema;
  std::string value;
  std::string expected;
};

}  // namespace

TEST_CASE("TC-01 a missing required argument is refused by name", "[domain][tool]") {
  CHECK(outcome(berth_schema, "{}") == "Invalid arguments: Field required (at berth)");
  CHECK(outcome(berth_schema, "") == "Invalid arguments: Field required (at berth)");
  CHECK(outcome(R"({"type":"object","required":["x"]})", "{}")
        == "Invalid arguments: Field required (at x)");
}

TEST_CASE("TC-02 an unknown argument is refused, and only the first problem told",
          "[domain][tool]") {
  CHECK(outcome(berth_schema, R"({"berth":"a","loud":true})")
        == "Invalid arguments: Extra inputs are not permitted (at loud)");
  CHECK(outcome(berth_schema, R"({"loud":true})")
        == "Invalid arguments: Field required (at berth)");
}

TEST_CASE("TC-03 what loses nothing is mended, all else refused", "[domain][tool]") {
  const auto no_integer = std::string{"Invalid arguments: Input should be a valid integer (at v)"};
  const auto fraction =
    std::string{"Invalid arguments: Input should be a valid integer, without a fraction (at v)"};
  const auto no_number = std::string{"Invalid arguments: Input should be a valid number (at v)"};
  const auto no_truth = std::string{"Invalid arguments: Input should be a valid boolean (at v)"};
  const auto no_string = std::string{"Invalid arguments: Input should be a valid string (at v)"};
  const auto integer = std::string{R"({"type":"integer"})"};
  const auto number = std::string{R"({"type":"number"})"};
  const auto boolean = std::string{R"({"type":"boolean"})"};
  const auto text = std::string{R"({"type":"string"})"};
  const auto rows = std::vector<row>{
    {integer, R"("5")", R"({"v":5})"},
    {integer, R"(" -7 ")", R"({"v":-7})"},
    {integer, R"("+7")", R"({"v":7})"},
    {integer, R"("7.0")", R"({"v":7})"},
    {integer, "5.0", R"({"v":5})"},
    {integer, "true", R"({"v":1})"},
    {integer, "false", R"({"v":0})"},
    {integer, "9223372036854775807", R"({"v":9223372036854775807})"},
    {integer, R"("9223372036854775808")", no_integer},
    {integer, "5.5", fraction},
    {integer, R"("5.5")", no_integer},
    {integer, R"("five")", no_integer},
    {integer, R"("")", no_integer},
    {integer, R"("-")", no_integer},
    {integer, R"("+-5")", no_integer},
    {integer, "null", no_integer},
    {integer, "[5]", no_integer},
    {integer, "1e300",
     "Invalid arguments: Input should be a valid integer of at most 64 bits (at v)"},
    {number, R"("2.5")", R"({"v":2.5})"},
    {number, R"("2")", R"({"v":2})"},
    {number, R"("1e3")", R"({"v":1000.0})"},
    {number, "2", R"({"v":2})"},
    {number, R"("inf")", no_number},
    {number, R"("nan")", no_number},
    {number, R"("0x10")", no_number},
    {number, R"("1e999")", no_number},
    {number, "null", no_number},
    {boolean, R"("yes")", R"({"v":true})"},
    {boolean, R"("No")", R"({"v":false})"},
    {boolean, R"("TRUE")", R"({"v":true})"},
    {boolean, R"("0")", R"({"v":false})"},
    {boolean, "1", R"({"v":true})"},
    {boolean, "0.0", R"({"v":false})"},
    {boolean, "2", no_truth},
    {boolean, R"("maybe")", no_truth},
    {boolean, "null", no_truth},
    {text, R"("ok")", R"({"v":"ok"})"},
    {text, "5", no_string},
    {text, "null", no_string},
    {text, "true", no_string},
  };
  for (const auto& r : rows) {
    CAPTURE(r.schema, r.value);
    CHECK(of_type(r.schema, r.value) == r.expected);
  }
}

TEST_CASE("TC-03 a type that the value has goes before one that it could be made into",
          "[domain][tool]") {
  const auto rows = std::vector<row>{
    {R"({"type":["integer","string"]})", R"("7")", R"({"v":"7"})"},
    {R"({"type":["integer","null"]})", R"("7")", R"({"v":7})"},
    {R"({"type":["integer","null"]})", "null", R"({"v":null})"},
    {R"({"type":["integer","null"]})", R"("x")",
     R"(Invalid arguments: Input should be of one of these types: "integer", "null" (at v))"},
    {R"({"anyOf":[{"type":"integer"},{"type":"string"}]})", R"("7")", R"({"v":"7"})"},
    {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", R"("7")", R"({"v":7})"},
    {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", "null", R"({"v":null})"},
    {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", "[]",
     "Invalid arguments: Input should be a valid integer (at v)"},
    {R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "5",
     "Invalid arguments: Input fits more than one of the forms of which it may have one (at v)"},
    {R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "5.5", R"({"v":5.5})"},
    {R"({"allOf":[{"type":"integer"},{"minimum":3}]})", R"("4")", R"({"v":4})"},
    {R"({"allOf":[{"type":"integer"},{"minimum":3}]})", R"("2")",
     "Invalid arguments: Input should be at least 3 (at v)"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.schema, r.value);
    CHECK(of_type(r.schema, r.value) == r.expected);
  }
}

TEST_CASE("Bounds, lists and fixed values of a schema hold", "[domain][tool]") {
  const auto rows = std::vector<row>{
    {R"({"minimum":1,"maximum":3})", "1", R"({"v":1})"},
    {R"({"minimum":1,"maximum":3})", "3", R"({"v":3})"},
    {R"({"minimum":1,"maximum":3})", "0", "Invalid arguments: Input should be at least 1 (at v)"},
    {R"({"minimum":1,"maximum":3})", "4", "Invalid arguments: Input should be at most 3 (at v)"},
    {R"({"exclusiveMinimum":0})", "0", "Invalid arguments: Input should be greater than 0 (at v)"},
    {R"({"exclusiveMaximum":1.5})", "1.5",
     "Invalid arguments: Input should be less than 1.5 (at v)"},
    {R"({"maximum":9223372036854775806})", "9223372036854775807",
     "Invalid arguments: Input should be at most 9223372036854775806 (at v)"},
    {R"({"minLength":2,"maxLength":3})", R"("æø")", R"({"v":"æø"})"},
    {R"({"minLength":2,"maxLength":3})", R"("æ")",
     "Invalid arguments: Input should have at least 2 characters (at v)"},
    {R"({"minLength":2,"maxLength":3})", R"("æøåé")",
     "Invalid arguments: Input should have at most 3 characters (at v)"},
    {R"({"minItems":1,"maxItems":2})", "[]",
     "Invalid arguments: Input should have at least 1 items (at v)"},
    {R"({"minItems":1,"maxItems":2})", "[1,2,3]",
     "Invalid arguments: Input should have at most 2 items (at v)"},
    {R"({"enum":["a",1]})", "1.0", R"({"v":1.0})"},
    {R"({"enum":["a",1]})", R"("b")", R"(Invalid arguments: Input should be one of "a", 1 (at v))"},
    {R"({"const":{"a":[1]}})", R"({"a":[1]})", R"({"v":{"a":[1]}})"},
    {R"({"const":"x"})", R"("y")", R"(Invalid arguments: Input should be "x" (at v))"},
    {"false", "1", "Invalid arguments: Input is not permitted (at v)"},
    {"true", "1", R"({"v":1})"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.schema, r.value);
    CHECK(of_type(r.schema, r.value) == r.expected);
  }
}

TEST_CASE("Problems deep inside are told with their path", "[domain][tool]") {
  constexpr auto schema = R"({"type":"object","properties":{"stops":{"type":"array",
    "items":{"$ref":"#/$defs/stop"}}},
    "$defs":{"stop":{"type":"object","properties":{"at":{"type":"integer"},
      "kind":{"type":"string","default":"quay"}},"required":["at"]}}})";
  CHECK(outcome(schema, R"({"stops":[{"at":"1"},{"at":2,"kind":"buoy"}]})")
        == R"({"stops":[{"at":1,"kind":"quay"},{"at":2,"kind":"buoy"}]})");
  CHECK(outcome(schema, R"({"stops":[{"at":1},{"at":"x"}]})")
        == "Invalid arguments: Input should be a valid integer (at stops/1/at)");
  CHECK(outcome(schema, R"({"stops":[{}]})")
        == "Invalid arguments: Field required (at stops/0/at)");
  constexpr auto valued = R"({"type":"object","additionalProperties":{"type":"integer"}})";
  CHECK(outcome(valued, R"({"a":"1"})") == R"({"a":1})");
  CHECK(outcome(valued, R"({"a":[]})")
        == "Invalid arguments: Input should be a valid integer (at a)");
}

TEST_CASE("Defaults are filled in and keep what was sent", "[domain][tool]") {
  CHECK(outcome(berth_schema, R"({"berth":"a"})") == R"({"berth":"a","limit":3})");
  CHECK(outcome(berth_schema, R"({"berth":"a","limit":"9"})") == R"({"berth":"a","limit":9})");
  CHECK(outcome(berth_schema, R"({"berth":"a","limit":null})")
        == "Invalid arguments: Input should be a valid integer (at limit)");
}

TEST_CASE("Patterns are the caller's to match", "[domain][tool]") {
  constexpr auto schema =
    R"({"type":"object","properties":{"id":{"type":"string","pattern":"^q"}}})";
  const auto begins = [](std::string_view pattern, std::string_view text) -> std::optional<bool> {
    return text.starts_with(pattern.substr(1));
  };
  const auto broken = [](std::string_view, std::string_view) -> std::optional<bool> {
    return std::nullopt;
  };
  CHECK(outcome(schema, R"({"id":"q1"})", begins) == R"({"id":"q1"})");
  CHECK(outcome(schema, R"({"id":"b1"})", begins)
        == "Invalid arguments: Input should match the pattern ^q (at id)");
  CHECK(outcome(schema, R"({"id":"b1"})") == R"({"id":"b1"})");
  CHECK(outcome(schema, R"({"id":"b1"})", broken) == R"({"id":"b1"})");
  CHECK(outcome(schema, R"({"id":")" + std::string(100'001, 'q') + R"("})", begins)
        == "Invalid arguments: Input is too long to be matched against its pattern (at id)");
}

TEST_CASE("Arguments that are no JSON object are refused with the reason", "[domain][tool]") {
  CHECK(outcome(berth_schema, "[1]") == "Invalid arguments: Input should be a JSON object");
  CHECK(
    outcome(berth_schema, R"({"berth":)").starts_with("Invalid arguments: Input is not JSON ("));
  CHECK(outcome(berth_schema, R"({"berth":"\ud800"})").find("encoding") != std::string::npos);
  const auto deep = std::string(100, '[') + std::string(100, ']');
  CHECK(outcome(berth_schema, R"({"berth":)" + deep + "}")
        == "Invalid arguments: Input is nested deeper than 64 levels");
  CHECK(outcome(berth_schema, std::string((std::size_t{8} << 20U) + 1, ' '))
        == "Invalid arguments: Input is longer than 8 MiB");
  for (const auto* number : {"1e999", "-1e309", "0e999", "[1,{\"a\":1e400}]"}) {
    CAPTURE(number);
    CHECK(outcome(berth_schema, R"({"berth":)" + std::string{number} + "}")
          == "Invalid arguments: Input: a number is out of range (at most 1.8e308 in size)");
  }
  CHECK(outcome("[]", "{}").find("schema") != std::string::npos);
}

TEST_CASE("A schema that branches or recurses without end costs a bounded check",
          "[domain][tool]") {
  constexpr auto branching = R"({"type":"object","properties":{"v":{"$ref":"#/$defs/n"}},
    "$defs":{"n":{"anyOf":[{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},
      "required":["n","a"]},{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}},
      "required":["n","b"]}]}}})";
  auto nested = std::string{"1"};
  for (auto i = 0; i < 60; ++i)
    nested = R"({"n":)" + nested + "}";
  CHECK(outcome(branching, R"({"v":)" + nested + "}").find("too large or too deep to be checked")
        != std::string::npos);
  CHECK(of_type(R"({"$ref":"#/properties/v"})", "1").find("too deep") != std::string::npos);
}

TEST_CASE("MT-05 arguments that end in the middle are known as cut off", "[domain][tool]") {
  CHECK_FALSE(is_whole_object(R"({"a":)"));
  CHECK_FALSE(is_whole_object(""));
  CHECK(is_whole_object(R"({"a":1})"));
}

TEST_CASE("MT-06 arguments that are no object count as cut off", "[domain][tool]") {
  CHECK_FALSE(is_whole_object("[1,2]"));
  CHECK_FALSE(is_whole_object("null"));
}

TEST_CASE("TC-06 a schema that is checked with stays as it is", "[domain][tool]") {
  const auto text = std::string{berth_schema};
  const auto schema = argument_schema{text};
  const auto first = std::get<checked_arguments>(schema.check(R"({"berth":"a"})")).text;
  const auto copy = schema;
  CHECK(std::get<checked_arguments>(copy.check(R"({"berth":"a"})")).text == first);
  CHECK(text == berth_schema);
}
