#include "domain/skill/declared.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

using names = std::vector<std::string>;

skill_catalog some_catalog() {
  return parse_skill_catalog("skills: [web_research, document_generation, code_review]\n"
                             "collections:\n"
                             "  document: [document_generation]\n"
                             "  desk: [web_research, document_generation, absent]\n"
                             "retired: {docx_generation: document_generation}\n")
    .value();
}

}  // namespace

TEST_CASE("SK-06 a collection, a retired id and the id itself are one skill", "[domain][skill]") {
  const auto out = expand_declared(
    {"collection:document", "docx_generation", "document_generation"}, some_catalog());
  CHECK(out.ids == names{"document_generation"});
  REQUIRE(out.notices.size() == 1);
  CHECK_THAT(out.notices[0], Contains("docx_generation") && Contains("is now"));
}

TEST_CASE("declared skills keep their first place", "[domain][skill]") {
  CHECK(expand_declared({"mine", "collection:desk", "skill:web_research", "skill:mine", "other"},
                        some_catalog())
          .ids
        == names{"mine", "web_research", "document_generation", "other"});
}

TEST_CASE("unknown collections and members are skipped and said so", "[domain][skill]") {
  const auto out = expand_declared({"collection:nothing", "collection:desk"}, some_catalog());
  CHECK(out.ids == names{"web_research", "document_generation"});
  REQUIRE(out.notices.size() == 2);
  CHECK_THAT(out.notices[0], Contains("collection:nothing"));
  CHECK_THAT(out.notices[1], Contains("absent"));
}

TEST_CASE("a collection must not be named like a skill", "[domain][skill]") {
  const auto out = parse_skill_catalog("skills: [knots]\ncollections: {knots: [knots]}\n");
  REQUIRE_FALSE(out.has_value());
  CHECK_THAT(out.error().detail, StartsWith("SkillNameCollision"));
}

TEST_CASE("a catalog that says something else is refused", "[domain][skill]") {
  for (const auto* yaml : {"[", "- a", "skills: 7", "skils: [a]", "retired: {a: 1}"}) {
    CAPTURE(yaml);
    CHECK_FALSE(parse_skill_catalog(yaml).has_value());
  }
  CHECK(parse_skill_catalog("{}").has_value());
}
