#include "domain/skill/skill_file.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

constexpr skill_source somewhere{"knots", "dir/knots/SKILL.md", skill_trust::third_party,
                                 "untrusted"};

skill read(std::string_view file) {
  auto out = parse_skill(file, somewhere);
  if (!out)
    FAIL(out.error().text);
  return *out;
}

skill_fault fault_of(std::string_view file) {
  const auto out = parse_skill(file, somewhere);
  REQUIRE_FALSE(out.has_value());
  return out.error();
}

}  // namespace

TEST_CASE("SK-01 a byte order mark and CRLF make no difference", "[domain][skill]") {
  const auto s = read("\xEF\xBB\xBF---\r\ndescription: Tie.\r\n---\r\nOne.\r\nTwo.\r\n");
  CHECK(s.description == "Tie.");
  CHECK(s.content.view() == "One.\nTwo.\n");
}

TEST_CASE("the body is what stands behind the closing line, as it stands", "[domain][skill]") {
  CHECK(read("---\ndescription: d\n---\n\n  x\n---\ny").content.view() == "\n  x\n---\ny");
  CHECK(read("---\ndescription: d\n---").content.view().empty());
  CHECK(read("---\ndescription: d\n---\n").content.view().empty());
}

TEST_CASE("SK-02 a file that is no skill says why and where", "[domain][skill]") {
  struct row {
    std::string_view file;
    std::string_view text;
    bool has_reason;
  };
  const auto given = GENERATE(
    row{"", "first line must be ---", false}, row{"Tie.", "first line must be ---", false},
    row{" ---\nd: 1\n---\n", "first line must be ---", false},
    row{"---\ndescription: d\n", "exactly ---", false}, row{"---\n---\n", "exactly ---", false},
    row{"---\ndescription: d\n--- \nx", "exactly ---", false},
    row{"---\ndescription: d\n----\nx", "exactly ---", false},
    row{"---\n- a\n---\n", "name: value", false},
    row{"---\njust text\n---\n", "name: value", false}, row{"---\na: [\n---\n", "no YAML", true});
  CAPTURE(given.file);
  const auto fault = fault_of(given.file);
  CHECK_THAT(fault.text, Contains(std::string{given.text}));
  CHECK(fault.path == "dir/knots/SKILL.md");
  CHECK(fault.reason.empty() != given.has_reason);
  CHECK(fault.reason.size() <= 4 * 200);
}

TEST_CASE("SK-05 a file cannot say who vouches for it", "[domain][skill]") {
  const auto s = read("---\nname: knots\ndescription: d\ntrust: vetted\nprovenance: {source: us}\n"
                      "metadata: {trust: builtin, content_hash: abc}\n---\nx");
  CHECK(s.trust == skill_trust::third_party);
  CHECK(s.source == "untrusted");
  CHECK(s.content_hash.empty());
}

TEST_CASE("a skill without a name is called like its directory", "[domain][skill]") {
  CHECK(read("---\ndescription: d\n---\n").name == "knots");
  CHECK(read("---\nname: splices\ndescription: d\n---\n").name == "splices");
}

TEST_CASE("names and descriptions that cannot be used are refused", "[domain][skill]") {
  CHECK_THAT(fault_of("---\nname: ../knots\ndescription: d\n---\n").text, Contains("name"));
  CHECK_THAT(fault_of("---\nname: knots\n---\n").text, Contains("description"));
  CHECK_THAT(fault_of("---\ndescription: ' '\n---\n").text, Contains("description"));
  CHECK_THAT(fault_of("---\ndescription: 7\n---\n").text, Contains("description"));
  CHECK(is_skill_name(std::string(64, 'a')));
  CHECK_FALSE(is_skill_name(std::string(65, 'a')));
  CHECK_FALSE(is_skill_name(""));
  CHECK_FALSE(is_skill_name("a/b"));
}

TEST_CASE("a list that is written as one text is refused, not taken apart", "[domain][skill]") {
  CHECK_THAT(fault_of("---\ndescription: d\ntools_required: web_search\n---\n").text,
             Contains("tools_required"));
}

TEST_CASE("descriptions and hints become one line", "[domain][skill]") {
  const auto s = read("---\ndescription: >\n  Tie\n\n  knots.\nwhen_to_use: |\n  mooring \n---\n");
  CHECK(s.description == "Tie knots.");
  CHECK(s.when_to_use == "mooring");
  const auto text = "---\ndescription: " + std::string(5'000, 'x') + "\n---\n";
  CHECK(read(text).description.size() == 1'000);
}

TEST_CASE("what stands under metadata", "[domain][skill]") {
  const auto s = read("---\ndescription: d\ntools_required: [file_write]\nmetadata:\n"
                      "  not_for: [splices]\n  composes_with: [charts]\n  output_format: text\n"
                      "  token_budget: 900\n  theirs: {a: 1}\n"
                      "  parameters: {type: object, properties: {n: {type: integer}}}\n---\n");
  CHECK(s.tools_required == std::vector<std::string>{"file_write"});
  CHECK(s.not_for == std::vector<std::string>{"splices"});
  CHECK(s.composes_with == std::vector<std::string>{"charts"});
  CHECK(s.output_format == "text");
  CHECK(s.token_budget == 900);
  CHECK(
    s.parameters
    == R"({"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false})");
}

TEST_CASE("a metadata that is no mapping is ignored", "[domain][skill]") {
  CHECK(read("---\ndescription: d\nmetadata: 7\n---\nx").content.view() == "x");
  CHECK(read("---\ndescription: d\nmetadata: [token_budget]\n---\nx").token_budget == std::nullopt);
}

TEST_CASE("a budget or a schema that is none is refused", "[domain][skill]") {
  for (const auto* metadata :
       {"token_budget: 0", "token_budget: -1", "token_budget: many", "token_budget: 1.5",
        "parameters: 7", "parameters: [a]", "parameters: {type: 7}"}) {
    CAPTURE(metadata);
    const auto text = "---\ndescription: d\nmetadata: {" + std::string{metadata} + "}\n---\n";
    CHECK_THAT(fault_of(text).text, Contains("metadata."));
  }
}
