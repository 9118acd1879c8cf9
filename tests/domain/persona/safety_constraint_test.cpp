#include "domain/persona/parse_persona.hpp"
#include "domain/persona/safety_constraint.hpp"
#include "tests/domain/persona/valid_persona.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/personas.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::testing;
using Catch::Matchers::Contains;

namespace {

const std::string sentence{safety_constraint};

std::string document(const std::string& constraints) {
  return "identity:\n  name: N # who\n  role: R\n  background: B\n" + constraints + "tools: []\n";
}

}  // namespace

TEST_CASE("PS-15 the safety constraint comes first, once; the second time nothing happens",
          "[domain][persona]") {
  auto p = valid_persona(reefkeeper_document());
  auto once = with_safety_constraint(p);
  REQUIRE(once != p);
  CHECK(once->identity.constraints.size() == 3);
  CHECK(once->identity.constraints.at(0) == sentence);
  CHECK(once->identity.constraints.at(1) == p->identity.constraints.at(0));
  CHECK(with_safety_constraint(once) == once);
}

TEST_CASE("PS-16 a safety constraint at any place stays there", "[domain][persona]") {
  auto text = document("  constraints: [a, b, \"" + sentence + "\"]\n");
  auto p = valid_persona(text);
  CHECK(with_safety_constraint(p) == p);
  auto kept = with_safety_constraint(text, p);
  CHECK(kept.text == text);
  CHECK_FALSE(kept.rewritten);
}

TEST_CASE("PS-15 the constraint is written into the author's text, which stays as it is",
          "[domain][persona]") {
  auto constraints = GENERATE(
    as<std::string>{}, "", "  constraints: []\n", "  constraints: [a, \"b: c\"]\n",
    "  constraints:\n    # why\n    - a\n    - b\n", "  constraints:\n  - a\n",
    "  constraints:\n    - >\n      folded\n      text\n", "  constraints: [\n    a,\n    b]\n");
  CAPTURE(constraints);
  auto text = document(constraints);
  auto p = valid_persona(text);
  auto out = with_safety_constraint(text, p);
  CHECK_FALSE(out.rewritten);
  CHECK(*valid_persona(out.text) == *with_safety_constraint(p));
  CHECK_THAT(out.text, Contains("name: N # who\n"));
  auto added = out.text.size() - text.size();
  CHECK(added >= sentence.size());
  CHECK(added <= sentence.size() + 40);
}

TEST_CASE("PS-15 comments of a full document survive", "[domain][persona]") {
  auto p = valid_persona(reefkeeper_document());
  auto out = with_safety_constraint(reefkeeper_document(), p);
  CHECK_FALSE(out.rewritten);
  CHECK_THAT(out.text, Contains("# A reef tank's adviser.") && Contains("# Copper kills shrimps."));
  CHECK(*valid_persona(out.text) == *with_safety_constraint(p));
}

TEST_CASE("PS-15 flow style and JSON take the constraint too", "[domain][persona]") {
  auto text = GENERATE(as<std::string>{}, "identity: {name: N, role: R, background: B}\n",
                       "{\"identity\": {\"name\": \"N\", \"role\": \"R\", \"background\": \"B\"}}",
                       "{\"identity\":{\"name\":\"N\",\"role\":\"R\",\"background\":\"B\","
                       "\"constraints\":[\"a\"]}}");
  CAPTURE(text);
  auto p = valid_persona(text);
  auto out = with_safety_constraint(text, p);
  CHECK_FALSE(out.rewritten);
  CHECK(*valid_persona(out.text) == *with_safety_constraint(p));
}

TEST_CASE("PS-15 where an alias stands for the list the document is written anew",
          "[domain][persona]") {
  std::string text = "tools: &shared [a, b]\nidentity:\n  name: N\n  role: R\n  background: B\n"
                     "  constraints: *shared\n";
  auto p = valid_persona(text);
  auto out = with_safety_constraint(text, p);
  CHECK(out.rewritten);
  CHECK(*valid_persona(out.text) == *with_safety_constraint(p));
  CHECK(valid_persona(out.text)->tools == std::vector<std::string>{"a", "b"});
}

TEST_CASE("PS-15 a document just below the bound is never grown beyond it", "[domain][persona]") {
  auto text = document("");
  text += "owner_id: ";
  text += std::string(256 * 1024 - text.size(), 'x');
  auto p = valid_persona(text);
  auto out = with_safety_constraint(text, p);
  CHECK(out.rewritten);
}
