#include "domain/prompt/floor.hpp"
#include "domain/prompt/reply_language.hpp"
#include "tests/domain/prompt/marked_texts.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

TEST_CASE("PRM-01 the sections stand in their order, the footer and then the framing last",
          "[domain][prompt]") {
  CHECK(floor_of(full_persona(), marked_texts())
        == "You are Runa, harbour master.\nKeeps the berth plan.\n\n"
           "NEVER:\n1. Quote no prices.\n2. Promise no berths.\n\n"
           "SELF:\n- Leaves half a metre.\n- Writes 24-hour times.\n\n"
           "WORLD:\n- Low water decides. (fact)\n- Guests call ahead. (belief)\n\n"
           "FOOTER\n\nFRAMING");
}

TEST_CASE("PRM-03 a claim's line ends with its epistemic tag", "[domain][prompt]") {
  auto p = full_persona();
  for (auto tag :
       {epistemic::fact, epistemic::belief, epistemic::hypothesis, epistemic::contested}) {
    p.worldview = {{"Low water decides.", "", tag}};
    auto line = "- Low water decides. (" + std::string{name_of(tag)} + ")\n";
    CHECK_THAT(floor_of(p, marked_texts()), Contains(line));
  }
}

TEST_CASE("PRM-04 a section with nothing to show has no heading either", "[domain][prompt]") {
  auto p = full_persona();
  p.self_facts.clear();
  p.worldview.clear();
  CHECK_THAT(floor_of(p, marked_texts()), !Contains("SELF") && !Contains("WORLD"));
}

TEST_CASE("PRM-09 the footer is the last line of the persona part", "[domain][prompt]") {
  auto texts = marked_texts();
  texts.framing.clear();
  CHECK_THAT(floor_of(full_persona(), texts), EndsWith("\n\nFOOTER"));
}

TEST_CASE("PRM-18 a known foreign language is ordered right after the identity",
          "[domain][prompt]") {
  struct row {
    std::string_view of_persona;
    std::string_view asked;
    std::string_view ordered;  // empty: nothing
  };
  auto given = GENERATE(row{"nb", "", "Norwegian"}, row{"en", "", ""}, row{"klingon", "", ""},
                        row{"nb", "en", ""}, row{"en", "no", "Norwegian"}, row{"", "", ""});
  CAPTURE(given.of_persona, given.asked);
  auto p = full_persona();
  p.identity.language_default = given.of_persona;
  auto floor = floor_of(p, marked_texts(), given.asked);
  if (given.ordered.empty()) {
    CHECK_THAT(floor, !Contains("Reply in"));
  } else {
    CHECK_THAT(floor, Contains("Keeps the berth plan.\n\nReply in " + std::string{given.ordered}
                               + ".\n\nNEVER:"));
  }
}

TEST_CASE("PRM-18 tags are read without case, blanks or region", "[domain][prompt]") {
  struct row {
    std::string_view tag;
    std::string_view language;
  };
  auto given =
    GENERATE(row{" NB ", "Norwegian"}, row{"nn-NO", "Norwegian"}, row{"nor", "Norwegian"},
             row{"de-CH", "German"}, row{"deu", "German"}, row{"fre", "French"},
             row{"spa", "Spanish"}, row{"ar", "Arabic"}, row{"en-GB", ""}, row{"eng", ""},
             row{"NB_no", ""}, row{"norwegian", ""}, row{"sv", ""}, row{" ", ""}, row{"-", ""});
  CAPTURE(given.tag);
  CHECK(ordered_language(given.tag).value_or("") == given.language);
}

TEST_CASE("PRM-23 a persona without constraints has no prohibitions section", "[domain][prompt]") {
  auto p = full_persona();
  p.identity.constraints.clear();
  CHECK_THAT(floor_of(p, marked_texts()), !Contains("NEVER"));
}

TEST_CASE("the floor shows at most three facts and claims, the first ones", "[domain][prompt]") {
  auto p = full_persona();
  p.self_facts = {{"one"}, {"two"}, {"three"}, {"four"}};
  p.worldview = {{"a"}, {"b"}, {"c"}, {"d"}};
  auto floor = floor_of(p, marked_texts());
  CHECK_THAT(floor, Contains("SELF:\n- one\n- two\n- three\n\nWORLD:"));
  CHECK_THAT(floor, Contains("- c (belief)\n\nFOOTER"));
}

TEST_CASE("what a persona says of itself is never taken for a placeholder", "[domain][prompt]") {
  auto p = full_persona();
  p.identity.name = "{role}";
  p.identity.background = "Likes {language}.\n\n  ";
  CHECK_THAT(floor_of(p, marked_texts()),
             StartsWith("You are {role}, harbour master.\nLikes {language}.\n\nNEVER:"));
}
