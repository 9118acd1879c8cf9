// Spec persona §2.5 (what YAML scalars become) and §2.8 (one document per rule).

#include "domain/persona/parse_persona.hpp"
#include "domain/persona/persona_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/personas.hpp"

#include <algorithm>
#include <array>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

const std::string head = "identity: {name: Pell, role: helper, background: Helps.}\n";

struct document {
  std::string_view about;
  std::string text;
};

const std::array<document, 10>& valid_documents() {
  static const std::array<document, 10> all{{
    {"01 only what is required", head},
    {"02 no id, another language",
     "identity: {name: Liv, role: guide, background: B., language_default: nn}\n"},
    {"03 everything at once", std::string{reefkeeper_document()}},
    {"04 small for both tiers",
     head + "routing: {tier_for_generation: small, tier_for_tools: small}\n"},
    {"05 facts and claims without domain",
     head + "self_facts: [{fact: Tidy.}]\nworldview: [{claim: Order helps.}]\n"
       + "tools: [calculator]\nskills: [web_research]\n"},
    {"06 hypothesis, three tools, no facts",
     head + "worldview: [{claim: Rain ahead., epistemic: hypothesis}]\ntools: [a, b, c]\n"},
    {"07 episodic with two offsets",
     head + "episodic:\n- {content: Moved., created_at: 2026-03-02T18:40:00+01:00}\n"
       + "- {content: Left., created_at: \"2026-03-02T18:40:00-05:00\", importance: 0.9}\n"},
    {"08 every list empty", "identity: {name: N, role: R, background: B, constraints: []}\n"
                            "self_facts: []\nworldview: []\nepisodic: []\ntools: []\nskills: []\n"},
    {"09 tags at the extremes",
     head + "worldview:\n- {claim: A., epistemic: contested, confidence: 0}\n"
       + "- {claim: B., epistemic: fact, confidence: 1}\n"},
    {"10 owner and visibility", head + "owner_id: alice\nvisibility: public\n"},
  }};
  return all;
}

struct wrong_document {
  std::string_view about;
  std::string text;
  std::uint32_t line;
  std::string_view path;
};

const std::array<wrong_document, 14>& invalid_documents() {
  static const std::array<wrong_document, 14> all{{
    {"01 identity missing", "tools: []\n", 1, "identity"},
    {"02 unknown top-level key", head + "mood: sunny\n", 2, "mood"},
    {"03 constraints as one string",
     "identity:\n  name: N\n  role: R\n  background: B\n  constraints: Never lie.\n", 5,
     "identity.constraints"},
    {"04 unsupported version", head + "schema_version: \"2.0\"\n", 2, "schema_version"},
    {"05 unknown epistemic tag", head + "worldview:\n- claim: A.\n  epistemic: rumour\n", 4,
     "worldview[0].epistemic"},
    {"06 confidence above 1", head + "self_facts:\n- fact: A.\n  confidence: 1.5\n", 4,
     "self_facts[0].confidence"},
    {"07 unknown tier", head + "routing:\n  tier_for_tools: huge\n", 3, "routing.tier_for_tools"},
    {"08 empty name", "identity:\n  name: \"\"\n  role: R\n  background: B\n", 2, "identity.name"},
    {"09 time without offset",
     head + "episodic:\n- content: A.\n  created_at: 2026-04-15T10:30:00\n", 4,
     "episodic[0].created_at"},
    {"10 no dimensions", head + "embedding: {dim: 0}\n", 2, "embedding.dim"},
    {"11 identity empty", "identity:\n", 1, "identity"},
    {"12 a fact that is a string", head + "self_facts:\n- just text\n", 3, "self_facts[0]"},
    {"13 unknown visibility", head + "visibility: secret\n", 2, "visibility"},
    {"14 a list as a block", head + "routing: []\n", 2, "routing"},
  }};
  return all;
}

std::vector<problem> problems_of(std::string_view text) {
  auto out = parse_persona(text);
  return out ? std::vector<problem>{} : out.error().problems;
}

}  // namespace

TEST_CASE("every valid document loads, and as JSON once more", "[domain][persona]") {
  for (const auto& d : valid_documents()) {
    CAPTURE(d.about);
    auto out = parse_persona_file(d.text, "fixture.yaml");
    REQUIRE(out.has_value());
    auto again = parse_persona(to_json(*out->value));
    REQUIRE(again.has_value());
    CHECK(*again->value == *out->value);
  }
}

TEST_CASE("every invalid document is refused with line and path", "[domain][persona]") {
  for (const auto& d : invalid_documents()) {
    CAPTURE(d.about);
    auto found = problems_of(d.text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].line == d.line);
    CHECK(found[0].path == d.path);
    CHECK_FALSE(found[0].text.empty());
  }
}

TEST_CASE("a document with everything keeps everything", "[domain][persona]") {
  auto out = parse_persona_file(reefkeeper_document(), "other.yaml");
  REQUIRE(out.has_value());
  persona wanted;
  wanted.id = "reefkeeper";
  wanted.owner = "tidepool-club";
  wanted.shown_to = visibility::unlisted;
  wanted.identity = {"Odalys",
                     "home reef-aquarium adviser",
                     "Spent years nursing neglected saltwater tanks back to balance.\n"
                     "Thinks in water chemistry first, equipment second.\n",
                     "fr",
                     {"Never recommend dosing copper in a tank that holds invertebrates.",
                      "Ask for salinity and temperature before diagnosing livestock loss."},
                     "cut-paper collage, teal and sand",
                     voice_spec{"cartesia", "vx-207"}};
  wanted.self_facts = {{"Keeps a log of every test kit batch used.", 0.95}};
  wanted.worldview = {{"Slow salinity correction is safer than a single large water change.",
                       "husbandry", epistemic::belief, 0.8, "always"},
                      {"Ultraviolet sterilisers noticeably reduce parasite outbreaks at home.",
                       "equipment", epistemic::contested, 0.5, "2024.."}};
  wanted.episodic = {
    {"Owner moved the tank to the north room in March.", {instant{1'772'473'200'000}, 60}, 0.7}};
  wanted.tools = {"web_search", "calculator", "datetime", "mcp:time:datetime"};
  wanted.skills = {"web_research", "collection:document"};
  wanted.routing = {
    tier_wish::frontier, tier_wish::mid, true, {0.2, 0.7, 0.1}, false, 3.5, 40, 200};
  wanted.embedding = {"bge-base-en-v1.5", 768};
  wanted.decides = autonomy::balanced;
  CHECK(*out->value == wanted);
}

TEST_CASE("YAML scalars become fields as spec persona §2.5 has it", "[domain][persona]") {
  struct row {
    std::string_view about;
    std::string text;
    bool accepted;
  };
  const std::string who = "identity: {name: Pell, role: helper, background: Helps";
  const std::string claim = head + "worldview: [{claim: A., confidence: ";
  const std::string dim = head + "embedding: {dim: ";
  const std::string at = head + "episodic: [{content: A., created_at: ";
  auto given = GENERATE_COPY(
    row{"no as language", who + ", language_default: no}\n", false},
    row{"quoted no as language", who + ", language_default: \"no\"}\n", true},
    row{"yes as name", "identity: {name: yes, role: R, background: B}\n", false},
    row{"number as version", head + "schema_version: 1.0\n", false}, row{"no version", head, true},
    row{"number as text", who + ", visual_style: 12}\n", false},
    row{"number as id", head + "persona_id: 7\n", false},
    row{"quoted number", claim + "\"0.9\"}]\n", true},
    row{"yes as number", claim + "yes}]\n", true}, row{"nan", claim + ".nan}]\n", false},
    row{"null as number", claim + "null}]\n", false},
    row{"quoted dimensions", dim + "\"384\"}\n", true},
    row{"384.0 dimensions", dim + "384.0}\n", true}, row{"1.5 dimensions", dim + "1.5}\n", false},
    row{"most dimensions", dim + "65536}\n", true},
    row{"too many dimensions", dim + "65537}\n", false},
    row{"null as list", head + "tools:\n", false}, row{"null as block", head + "routing:\n", false},
    row{"bare string as tools", head + "tools: web_search\n", false},
    row{"the same tool twice", head + "tools: [a, a]\n", true},
    row{"a tool that is a number", head + "tools: [a, 7]\n", false},
    row{"date", at + "2026-04-15}]\n", false},
    row{"naive time", at + "2026-04-15T10:30:00}]\n", false},
    row{"quoted naive time", at + "\"2026-04-15T10:30:00\"}]\n", false},
    row{"time in Z", at + "2026-04-15T10:30:00Z}]\n", true},
    row{"time with offset", at + "2026-04-15T10:30:00+02:00}]\n", true},
    row{"time with short offset", at + "2026-04-15 10:30:00 +2}]\n", true},
    row{"quoted time", at + "\"2026-04-15 10:30:00 +2\"}]\n", true},
    row{"seconds", at + "1776242400}]\n", true},
    row{"seconds of no year", at + "999999999999}]\n", false},
    row{"no time", at + "yesterday}]\n", false}, row{"list as time", at + "[1]}]\n", false},
    row{"yes as time", at + "yes}]\n", false},
    row{"no created_at", head + "episodic: [{content: A.}]\n", false},
    row{"empty id", "persona_id: ''\n" + head, true},
    row{"id like a path", "persona_id: ../x\n" + head, true},
    row{"blank name", "identity: {name: ' ', role: R, background: B}\n", true},
    row{"null name", "identity: {name: , role: R, background: B}\n", false},
    row{"negative cap", head + "routing: {budget: {max_cents_per_turn: -1}}\n", false},
    row{"zero cap", head + "routing: {budget: {max_cents_per_turn: 0}}\n", true},
    row{"null cap", head + "routing: {budget: {max_cents_per_turn: null}}\n", true},
    row{"flag in quotes", head + "routing: {intelligent: {enabled: \"yes\"}}\n", true},
    row{"flag that is none", head + "routing: {intelligent: {enabled: maybe}}\n", false});
  CAPTURE(given.about, given.text);
  auto found = problems_of(given.text);
  CHECK(found.empty() == given.accepted);
  CHECK(found.size() <= 1);
}

TEST_CASE("the Norway problem is explained", "[domain][persona]") {
  auto found = problems_of("identity:\n  name: Liv\n  role: guide\n  background: B.\n"
                           "  language_default: no\n");
  REQUIRE(found.size() == 1);
  CHECK(describe(found[0], "liv.yaml")
        == "liv.yaml:5: identity.language_default: must be text, but YAML reads no as false; "
           "write it in quotes: \"no\"");
}

TEST_CASE("seconds since 1970 are UTC", "[domain][persona]") {
  auto out = parse_persona(head + "episodic: [{content: A., created_at: 1776242400}]\n");
  REQUIRE(out.has_value());
  CHECK(out->value->episodic.at(0).created_at == zoned_instant{instant{1'776'242'400'000}, 0});
}

TEST_CASE("what is legal but odd becomes a notice", "[domain][persona]") {
  auto twice = parse_persona(head + "autonomy: decisive\nautonomy: balanced\n");
  REQUIRE(twice.has_value());
  CHECK(twice->value->decides == autonomy::balanced);
  REQUIRE(twice->notices.size() == 1);
  CHECK(twice->notices[0].line == 3);
  auto path = parse_persona("persona_id: ../x\n" + head);
  REQUIRE(path.has_value());
  REQUIRE(path->notices.size() == 1);
  CHECK(path->notices[0].path == "persona_id");
}

TEST_CASE("all problems of a document are reported at once", "[domain][persona]") {
  auto found = problems_of("schema_version: 2\nidentity:\n  nme: Pell\n  role: 7\n"
                           "worldview:\n  - claim: \"\"\n    epistemic: rumor\n"
                           "    confidence: 2\n  - 7\ntools: calculator\nautonomous: yes\n");
  std::vector<std::pair<std::uint32_t, std::string>> places;
  for (const auto& p : found)
    places.emplace_back(p.line, p.path);
  std::vector<std::pair<std::uint32_t, std::string>> wanted{{1, "schema_version"},
                                                            {3, "identity.name"},
                                                            {3, "identity.background"},
                                                            {3, "identity.nme"},
                                                            {4, "identity.role"},
                                                            {6, "worldview[0].claim"},
                                                            {7, "worldview[0].epistemic"},
                                                            {8, "worldview[0].confidence"},
                                                            {9, "worldview[1]"},
                                                            {10, "tools"},
                                                            {11, "autonomous"}};
  CHECK(places == wanted);
}

TEST_CASE("a document over 256 KiB is refused, also through aliases", "[domain][persona]") {
  auto large = head + "owner_id: " + std::string(256 * 1024, 'x') + '\n';
  auto out = parse_persona(large);
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().fault == persona_fault::invalid_yaml);
  CHECK_THAT(out.error().problems.at(0).text, Contains("256 KiB"));
  std::string bomb = head + "skills: &a [" + std::string(1000, 'x');
  for (int i = 0; i < 10; ++i)
    bomb += "]\ntools: &a [*a,*a,*a,*a,*a,*a";
  out = parse_persona(bomb + "]\n");
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().fault == persona_fault::invalid_yaml);
}

TEST_CASE("anchors and merge keys work in a persona", "[domain][persona]") {
  auto out = parse_persona(head
                           + "self_facts:\n- &f {fact: A., confidence: 0.4}\n"
                             "- {<<: *f, fact: B.}\n");
  REQUIRE(out.has_value());
  CHECK(out->value->self_facts == std::vector<self_fact>{{"A.", 0.4}, {"B.", 0.4}});
}
