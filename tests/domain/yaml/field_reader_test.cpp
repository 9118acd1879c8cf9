#include "domain/yaml/field_reader.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <limits>
#include <tuple>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

enum class colour { red, green };
constexpr std::array<std::pair<std::string_view, colour>, 2> colours{
  {{"red", colour::red}, {"green", colour::green}}};

/// Reads one document with `read` and answers the problems.
template <class F>
std::vector<problem> problems_of(std::string_view text, F read) {
  auto document = parse_yaml(text);
  REQUIRE(document.has_value());
  problem_list out;
  field_reader in{*document->root, {}, out};
  read(in);
  in.refuse_others();
  return out.take();
}

}  // namespace

TEST_CASE("every problem is found, by line, with its path", "[domain][yaml]") {
  auto found =
    problems_of("c: blue\nb:\n  - {n: 1}\n  - {n: x, m: 2}\n  - 3\na: 7\n", [](field_reader& in) {
      CHECK(in.required_text("a").empty());
      in.each("b", [](field_reader& item) { std::ignore = item.number("n", 0, {0, 1}); });
      std::ignore = in.one_of<colour>("c", colour::red, colours);
    });
  REQUIRE(found.size() == 5);
  CHECK(describe(found[0], "x.yaml")
        == "x.yaml:1: c: must be one of red, green, but is the text \"blue\"");
  CHECK(describe(found[1], "x.yaml")
        == "x.yaml:4: b[1].n: must be a number from 0 to 1, but is the text \"x\"");
  CHECK(describe(found[2], "x.yaml") == "x.yaml:4: b[1].m: is not a known key; did you mean n?");
  CHECK(found[3].path == "b[2]");
  CHECK(describe(found[4], "x.yaml")
        == "x.yaml:6: a: must be text, but YAML reads 7 as a number; write it in quotes: \"7\"");
}

TEST_CASE("a problem without line or path leaves them out", "[domain][yaml]") {
  CHECK(describe({0, "", "too large"}, "x.yaml") == "x.yaml: too large");
  CHECK(describe({3, "", "odd"}, "") == ":3: odd");
  CHECK(describe({0, "a", "odd"}, "") == "a: odd");
}

TEST_CASE("unquoted words that YAML takes for something else get a hint", "[domain][yaml]") {
  struct row {
    std::string_view text;
    std::string_view says;
  };
  auto given = GENERATE(row{"a: no", "reads no as false; write it in quotes: \"no\""},
                        row{"a: 1.0", "write it in quotes: \"1.0\""},
                        row{"a: 2026-04-15", "as a date"}, row{"a:", "is empty (null)"},
                        row{"a: [x]", "is a list"}, row{"a: {x: y}", "is a mapping"});
  CAPTURE(given.text);
  auto found = problems_of(given.text, [](field_reader& in) { std::ignore = in.text("a", "x"); });
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0].text, Contains(std::string{given.says}));
}

TEST_CASE("flags take the usual words", "[domain][yaml]") {
  auto flag = [](std::string_view text) {
    bool out = false;
    auto found = problems_of(text, [&](field_reader& in) { out = in.flag("f", false); });
    return found.empty() ? (out ? "true" : "false") : "refused";
  };
  CHECK(flag("f: yes") == std::string{"true"});
  CHECK(flag("f: \"On\"") == std::string{"true"});
  CHECK(flag("f: 1") == std::string{"true"});
  CHECK(flag("f: 0.0") == std::string{"false"});
  CHECK(flag("f: 'n'") == std::string{"false"});
  CHECK(flag("{}") == std::string{"false"});
  CHECK(flag("f: 2") == std::string{"refused"});
  CHECK(flag("f: maybe") == std::string{"refused"});
  CHECK(flag("f:") == std::string{"refused"});
}

TEST_CASE("numbers hold to their range and are finite", "[domain][yaml]") {
  auto fits = [](std::string_view text, number_range range) {
    return problems_of(text,
                       [&](field_reader& in) { static_cast<void>(in.number("n", 0.5, range)); })
      .empty();
  };
  constexpr number_range open{0, std::numeric_limits<double>::infinity()};
  CHECK(fits("n: 0", {0, 1}));
  CHECK(fits("n: 1.0", {0, 1}));
  CHECK(fits("n: yes", {0, 1}));
  CHECK(fits("n: \"0.9\"", {0, 1}));
  CHECK_FALSE(fits("n: 1.0001", {0, 1}));
  CHECK_FALSE(fits("n: -0.0001", {0, 1}));
  CHECK_FALSE(fits("n: .nan", {0, 1}));
  CHECK_FALSE(fits("n: .inf", open));
  CHECK_FALSE(fits("n:", open));
  CHECK(fits("n: 384.0", {1, 400, true}));
  CHECK_FALSE(fits("n: 1.5", {1, 400, true}));
}

TEST_CASE("a list or block that is none is refused", "[domain][yaml]") {
  auto list = problems_of("l: web_search\n", [](field_reader& in) { std::ignore = in.texts("l"); });
  REQUIRE(list.size() == 1);
  CHECK_THAT(list[0].text, Contains("must be a list") && Contains("[...]"));
  auto empty = problems_of("l:\n", [](field_reader& in) { std::ignore = in.texts("l"); });
  REQUIRE(empty.size() == 1);
  CHECK_THAT(empty[0].text, Contains("leave the key out"));
  auto block = problems_of("b:\n", [](field_reader& in) { in.block("b", [](field_reader&) {}); });
  REQUIRE(block.size() == 1);
  CHECK_THAT(block[0].text, Contains("must be a mapping"));
}

TEST_CASE("the list of problems is bounded and says how many it left out", "[domain][yaml]") {
  std::string text;
  for (int i = 0; i < 130; ++i)
    text += "key" + std::to_string(i) + ": 1\n";
  auto found = problems_of(text, [](field_reader&) {});
  REQUIRE(found.size() == problem_list::kept_max + 1);
  CHECK_THAT(found.back().text, Contains("30 more"));
}

TEST_CASE("foreign text in a message is short and on one line", "[domain][yaml]") {
  CHECK(in_quotes("a\nb") == "\"a b\"");
  CHECK(in_quotes(std::string(60, 'x')) == '"' + std::string(60, 'x') + '"');
  CHECK(in_quotes(std::string(59, 'x') + "ø!") == '"' + std::string(59, 'x') + "…\"");
  auto found = problems_of("\"a\\nb\": 1\n\"\": 2\n", [](field_reader&) {});
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == "\"a b\"");
  CHECK(found[1].path == "\"\"");
}
