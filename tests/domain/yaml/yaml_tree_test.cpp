#include "domain/yaml/yaml_tree.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += piece;
  return out;
}

/// Why the text is refused; empty when it is not.
problem refusal_of(std::string_view text) {
  auto read = parse_yaml(text);
  return read ? problem{} : read.error();
}

}  // namespace

TEST_CASE("a tree knows kinds, values and lines", "[domain][yaml]") {
  auto read = parse_yaml("# a berth\nname: Pier\nberths:\n  - 4\n  - {depth: \"2.5\"}\n");
  REQUIRE(read.has_value());
  const auto& root = *read->root;
  REQUIRE(root.kind == yaml_kind::mapping);
  CHECK(root.find("name")->value->text == "Pier");
  CHECK(root.find("name")->line == 2);
  CHECK(root.find("nothing") == nullptr);
  const auto& berths = *root.find("berths")->value;
  REQUIRE(berths.items.size() == 2);
  CHECK(berths.items[0]->kind == yaml_kind::integer);
  CHECK(berths.items[0]->line == 4);
  CHECK(berths.items[0]->column == 4);
  const auto& depth = *berths.items[1]->find("depth")->value;
  CHECK(depth.kind == yaml_kind::text);
  CHECK(depth.line == 5);
}

TEST_CASE("an empty document is null", "[domain][yaml]") {
  for (auto text : {"", "# only a comment\n", "---\n", "\n\n"}) {
    CAPTURE(text);
    auto read = parse_yaml(text);
    REQUIRE(read.has_value());
    CHECK(read->root->kind == yaml_kind::null);
  }
}

TEST_CASE("of a key given twice the last value counts, and a notice says so", "[domain][yaml]") {
  auto read = parse_yaml("a: 1\nb: 2\na: 3\n");
  REQUIRE(read.has_value());
  CHECK(read->root->entries.size() == 2);
  CHECK(read->root->find("a")->value->text == "3");
  REQUIRE(read->notices.size() == 1);
  CHECK(read->notices[0].line == 3);
  CHECK_THAT(read->notices[0].text, Contains("line 1"));
}

TEST_CASE("an alias shares its node; a merge key fills in what is absent", "[domain][yaml]") {
  auto read = parse_yaml("base: &b {x: 1, y: 2}\nsame: *b\nmore:\n  <<: *b\n  y: 9\n"
                         "both:\n  <<: [{x: 5}, *b]\n\"<<\": text\n");
  REQUIRE(read.has_value());
  const auto& root = *read->root;
  CHECK(root.find("same")->value == root.find("base")->value);
  const auto& more = *root.find("more")->value;
  CHECK(more.find("x")->value->text == "1");
  CHECK(more.find("y")->value->text == "9");
  const auto& both = *root.find("both")->value;
  CHECK(both.find("x")->value->text == "5");
  CHECK(both.find("y")->value->text == "2");
  CHECK(root.find("<<")->value->text == "text");
}

TEST_CASE("what is no YAML is refused with its line", "[domain][yaml]") {
  struct row {
    std::string text;
    std::uint32_t line;
    std::string says;
  };
  auto given = GENERATE(
    row{"a: [1, 2\nb: 3\n", 2, "invalid YAML"}, row{"a: b: c\n", 1, "invalid YAML"},
    row{"a:\n\tb: 1\n", 2, "tab"}, row{"a: \"open\n", 1, "not closed"},
    row{"a: 1\nb: *nowhere\n", 2, "anchor"}, row{"a: &x [*x]\n", 1, "inside what it names"},
    row{"a: !!python/object:os.system ls\n", 1, "tag"}, row{"a: !shell [ls]\n", 1, "tag"},
    row{"a: !!int seven\n", 1, "does not fit"}, row{"a: !!seq {}\n", 1, "tag"},
    row{"? [a]\n: 1\n", 1, "key must be plain text"}, row{"a: 1\n<<: 2\n", 2, "takes a mapping"},
    row{"a: 1\n---\nb: 2\n", 0, "more than one document"}, row{"a: 1\n]\n", 2, "invalid YAML"},
    row{"a: 1\nb: \xC3\x28\n", 2, "UTF-8"}, row{"a: \xED\xA0\x80\n", 1, "UTF-8"},
    row{std::string{"a: 1\nb: \0\n", 10}, 2, "control character"},
    row{"a: \x7F\n", 1, "control character"}, row{"%YAML 9.0\n---\na: 1\n", 1, "invalid YAML"});
  CAPTURE(given.text);
  auto why = refusal_of(given.text);
  CHECK(why.line == given.line);
  CHECK_THAT(why.text, Contains(given.says) && Catch::Matchers::StartsWith("invalid YAML"));
  CHECK(why.text.size() <= std::string{"invalid YAML: "}.size() + 120);
}

TEST_CASE("a quote must be closed before the text around it goes on", "[domain][yaml]") {
  for (auto text : {"a: 'open\nb: 1\n", "a: &x !!str \"open\nb: \"c\"\n", "a: \"open\\\"\n",
                    "a:\n  - 'it''s\n  - b'\n", "\"a: 1\n"}) {
    CAPTURE(text);
    CHECK_FALSE(refusal_of(text).text.empty());
  }
  auto read =
    parse_yaml("a: \"one\n  two\n\n  \\\"three\\\"\"\nb: 'it''s\n  fine'\nc: [\"x\ny\"]\n");
  REQUIRE(read.has_value());
  CHECK(read->root->find("a")->value->text == "one two\n\"three\"");
  CHECK(read->root->find("b")->value->text == "it's fine");
}

TEST_CASE("a byte order mark is dropped", "[domain][yaml]") {
  auto read = parse_yaml("\xEF\xBB\xBF\"a\": 1\n");
  REQUIRE(read.has_value());
  CHECK(read->root->find("a") != nullptr);
}

TEST_CASE("a tag of the core schema is taken at its word", "[domain][yaml]") {
  auto read = parse_yaml("a: !!str 7\nb: !!float 1\nc: !!map {}\n");
  REQUIRE(read.has_value());
  CHECK(read->root->find("a")->value->kind == yaml_kind::text);
  CHECK(read->root->find("b")->value->kind == yaml_kind::real);
}

TEST_CASE("tabs inside values are ordinary", "[domain][yaml]") {
  CHECK(parse_yaml("a: |\n  one\n  \ttwo\nb: [1,\n\t2]\n").has_value());
}

TEST_CASE("the size counts aliases written out, and is checked before", "[domain][yaml]") {
  SECTION("text at the bound passes, one byte more does not") {
    std::string text = "a: ";
    text += repeated("x", 256 * 1024 - text.size());
    CHECK(parse_yaml(text).has_value());
    CHECK_THAT(refusal_of(text + 'x').text, Contains("256 KiB"));
  }
  SECTION("a bomb of nested aliases") {
    std::string bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 10; ++i) {
      auto last = "*a" + std::to_string(i - 1);
      bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last
              + repeated(", " + last, 8) + "]\n";
    }
    auto why = refusal_of(bomb);
    CHECK_THAT(why.text, Contains("aliases written out"));
    CHECK(why.line > 1);
  }
  SECTION("aliases of one long text") {
    auto text = "a: &a " + repeated("x", 1024) + "\nb: [*a" + repeated(", *a", 300) + "]\n";
    CHECK_THAT(refusal_of(text).text, Contains("aliases written out"));
  }
  SECTION("aliases of an empty list are not free") {
    yaml_limits limits{150, 32};
    auto read = parse_yaml("a: &a [[],[],[],[],[]]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,"
                           "*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n",
                           limits);
    REQUIRE_FALSE(read.has_value());
    CHECK_THAT(read.error().text, Contains("aliases written out"));
  }
}

TEST_CASE("the depth is bounded, through aliases too", "[domain][yaml]") {
  CHECK(parse_yaml(repeated("[", 32) + repeated("]", 32)).has_value());
  CHECK_THAT(refusal_of(repeated("[", 33) + repeated("]", 33)).text, Contains("deeper than 32"));
  auto half = "a: &a " + repeated("[", 20) + repeated("]", 20) + "\nb: ";
  CHECK(parse_yaml(half + repeated("[", 11) + "*a" + repeated("]", 11)).has_value());
  CHECK_THAT(refusal_of(half + repeated("[", 12) + "*a" + repeated("]", 12)).text,
             Contains("deeper than 32"));
}

TEST_CASE("hostile documents of full size end quickly", "[domain][yaml]") {
  constexpr std::size_t size = 256 * 1024;
  for (std::string_view piece :
       {"[",   "{",    "- ",  "? ",   "a: ",    "&a ",  "!",   "!!str ", "\"",  "'",
        "|\n", ">\n ", "*a ", "[a,",  "{a:",    "#",    "%",   "\n",     " ",   ": ",
        ",",   "]",    "- [", "a: {", "\"a\":", "? - ", "-\n", "a:\n",   "[\n", "{a: b, "}) {
    CAPTURE(piece);
    auto text = repeated(piece, size / piece.size());
    auto outcome = parse_yaml(text);
    CHECK((outcome || outcome.error().text.starts_with("invalid YAML")));
  }
}
