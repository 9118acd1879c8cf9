#include "domain/persona/parse_persona.hpp"
#include "domain/persona/persona_json.hpp"
#include "tests/domain/persona/valid_persona.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/personas.hpp"

#include <type_traits>

using namespace persona_runtime;
using namespace persona_runtime::testing;
using Catch::Matchers::Contains;

namespace {

const std::string pell = "identity:\n  name: Pell\n  role: odd-jobs helper\n"
                         "  background: Answers short household questions.\n";

persona_rejection refused(std::string_view text) {
  auto out = parse_persona(text);
  if (out)
    FAIL("accepted: " << text);
  return out.error();
}

/// Pell's document with one more line in the identity block.
std::string pell_with(std::string_view line) {
  return pell + "  " + std::string{line} + '\n';
}

}  // namespace

TEST_CASE("PS-01 three strings make a persona, all else has its default", "[domain][persona]") {
  auto out = parse_persona_file(pell, "/srv/personas/pell.yaml");
  REQUIRE(out.has_value());
  const auto& p = *out->value;
  CHECK(p.id == "pell");
  CHECK(p.schema_version == "1.0");
  CHECK(p.shown_to == visibility::owner_only);
  CHECK(p.decides == autonomy::cautious);
  CHECK(p.identity.language_default == "en");
  CHECK_FALSE(p.owner);
  CHECK_FALSE(p.identity.voice);
  CHECK_FALSE(p.identity.visual_style);
  CHECK(p.identity.constraints.empty());
  CHECK((p.self_facts.empty() && p.worldview.empty() && p.episodic.empty()));
  CHECK((p.tools.empty() && p.skills.empty()));
  CHECK(p.routing == persona_routing{});
  CHECK(p.routing.for_generation == tier_wish::automatic);
  CHECK(p.routing.for_tools == tier_wish::small);
  CHECK(p.embedding == embedding_choice{"bge-small-en-v1.5", 384});
  CHECK(out->notices.empty());
}

TEST_CASE("PS-03 text that is no YAML says so in at most 120 characters", "[domain][persona]") {
  for (auto text : {"identity: [", "a: b: c", "identity:\n\tname: x\n", "a: !!python/name:x y\n"}) {
    CAPTURE(text);
    auto why = refused(text);
    CHECK(why.fault == persona_fault::invalid_yaml);
    REQUIRE(why.problems.size() == 1);
    std::string_view reason = why.problems[0].text;
    REQUIRE(reason.starts_with("invalid YAML: "));
    CHECK(reason.size() - std::string_view{"invalid YAML: "}.size() <= 120);
    CHECK(why.problems[0].line > 0);
  }
}

TEST_CASE("PS-04 a document that is no mapping is refused", "[domain][persona]") {
  for (auto text : {"- a\n- b\n", "", "# only words\n", "just text", "7", "---\n"}) {
    CAPTURE(text);
    auto why = refused(text);
    CHECK(why.fault == persona_fault::not_a_mapping);
    REQUIRE(why.problems.size() == 1);
    CHECK_THAT(why.problems[0].text, Contains("mapping"));
  }
}

TEST_CASE("PS-05 the id is the document's, else the file's name", "[domain][persona]") {
  auto id_of = [](const std::string& text, std::string_view file) {
    auto out = parse_persona_file(text, file);
    REQUIRE(out.has_value());
    return out->value->id.value_or("(none)");
  };
  CHECK(id_of("persona_id: null\n" + pell, "x.yaml") == "x");
  CHECK(id_of("persona_id: y\n" + pell, "x.yaml") == "y");
  CHECK(id_of(pell, "my.persona.yaml") == "my.persona");
  CHECK(id_of(pell, "dir.d/x") == "x");
  CHECK(id_of(pell, ".hidden") == ".hidden");
  CHECK_FALSE(valid_persona(pell)->id);
  CHECK_FALSE(valid_persona("persona_id: null\n" + pell)->id);
}

TEST_CASE("PS-06 an unsupported version is its own fault for files only", "[domain][persona]") {
  auto text = "schema_version: \"0.9\"\n" + pell;
  auto in_memory = refused(text);
  CHECK(in_memory.fault == persona_fault::validation);
  REQUIRE(in_memory.problems.size() == 1);
  CHECK_THAT(in_memory.problems[0].text, Contains("unsupported") && Contains("\"1.0\""));
  auto file = parse_persona_file(text, "x.yaml");
  REQUIRE_FALSE(file.has_value());
  CHECK(file.error().fault == persona_fault::schema_version);
  SECTION("but not beside other problems, nor when it is no text") {
    auto both = parse_persona_file("tols: []\n" + text, "x.yaml");
    REQUIRE_FALSE(both.has_value());
    CHECK(both.error().fault == persona_fault::validation);
    CHECK(both.error().problems.size() == 2);
    auto number = parse_persona_file("schema_version: 1.0\n" + pell, "x.yaml");
    REQUIRE_FALSE(number.has_value());
    CHECK(number.error().fault == persona_fault::validation);
  }
}

TEST_CASE("PS-07 a confidence lies in 0 to 1, ends included", "[domain][persona]") {
  auto fact = [](std::string_view confidence) {
    return pell + "self_facts:\n  - {fact: Tidy., confidence: " + std::string{confidence} + "}\n";
  };
  for (auto wrong : {"-0.1", "1.1", ".nan", ".inf", "\"nan\""}) {
    CAPTURE(wrong);
    auto why = refused(fact(wrong));
    REQUIRE(why.problems.size() == 1);
    CHECK(why.problems[0].path == "self_facts[0].confidence");
    CHECK(why.problems[0].line == 6);
  }
  CHECK(valid_persona(fact("0.0"))->self_facts.at(0).confidence == 0.0);
  CHECK(valid_persona(fact("1.0"))->self_facts.at(0).confidence == 1.0);
}

TEST_CASE("PS-08 a misspelt nested key is named with its path and the nearest one",
          "[domain][persona]") {
  auto why = refused(pell_with("viual_style: oil"));
  REQUIRE(why.problems.size() == 1);
  CHECK(describe(why.problems[0], "pell.yaml")
        == "pell.yaml:5: identity.viual_style: is not a known key; did you mean visual_style?");
}

TEST_CASE("PS-09 a voice is split at its first colon", "[domain][persona]") {
  auto voice = valid_persona(pell_with("voice: \"acme:a:b:c\""))->identity.voice;
  REQUIRE(voice);
  CHECK(voice->provider == "acme");
  CHECK(voice->voice_id == "a:b:c");
  CHECK(valid_persona(pell_with("voice: \" acme : x \""))->identity.voice
        == voice_spec{"acme", "x"});
  CHECK(
    valid_persona(pell_with("voice: {kind: catalogue, provider: acme, voice_id: x, consent: null}"))
      ->identity.voice
    == voice_spec{"acme", "x"});
  CHECK_FALSE(valid_persona(pell_with("voice: null"))->identity.voice);
}

TEST_CASE("PS-10 a voice with a blank half is refused", "[domain][persona]") {
  for (auto voice :
       {"\"\"", "acme", "\":id\"", "\"acme:\"", "\"  \"", "\" : \"", "7", "[a]", "no"}) {
    CAPTURE(voice);
    auto why = refused(pell_with(std::string{"voice: "} + voice));
    REQUIRE(why.problems.size() == 1);
    CHECK(why.problems[0].path == "identity.voice");
  }
}

TEST_CASE("PS-11 a voice mapping with consent, another kind or extra keys is refused",
          "[domain][persona]") {
  struct row {
    std::string_view voice;
    std::string_view path;
  };
  auto given =
    GENERATE(row{"{provider: a, voice_id: x, consent: signed}", "identity.voice.consent"},
             row{"{provider: a, voice_id: x, pitch: 2}", "identity.voice.pitch"},
             row{"{provider: a, voice_id: x, kind: cloned}", "identity.voice.kind"},
             row{"{provider: \"\", voice_id: x}", "identity.voice.provider"},
             row{"{provider: a}", "identity.voice.voice_id"});
  CAPTURE(given.voice);
  auto why = refused(pell_with("voice: " + std::string{given.voice}));
  REQUIRE(why.problems.size() == 1);
  CHECK(why.problems[0].path == given.path);
}

TEST_CASE("PS-12 an unknown autonomy is refused", "[domain][persona]") {
  auto why = refused("autonomy: aggressive\n" + pell);
  REQUIRE(why.problems.size() == 1);
  CHECK(why.problems[0].path == "autonomy");
  CHECK_THAT(why.problems[0].text, Contains("cautious, balanced, decisive"));
}

TEST_CASE("PS-13 routing weights may all be zero but not negative", "[domain][persona]") {
  auto weights = [](std::string_view text) {
    return pell + "routing:\n  intelligent:\n    weights: " + std::string{text} + '\n';
  };
  CHECK(valid_persona(weights("{cost: 0, quality: 0, latency: 0}"))->routing.weights
        == routing_weights{0, 0, 0});
  CHECK(valid_persona(weights("{cost: 7}"))->routing.weights == routing_weights{7, 0.50, 0.10});
  auto why = refused(weights("{cost: -0.01}"));
  REQUIRE(why.problems.size() == 1);
  CHECK(why.problems[0].path == "routing.intelligent.weights.cost");
  CHECK(why.problems[0].line == 7);
}

TEST_CASE("PS-14 an accepted persona written as JSON reads back equal", "[domain][persona]") {
  persona odd;
  odd.identity = {"Tab\tand \"quotes\" \\ and / slashes", "line\nbreaks\r\n", "\x01\x1f\x7f ø 🚢"};
  odd.identity.background += "\u0085\u2028\u2029\uFEFF\u00A0 end: # no comment";
  odd.identity.language_default = "no";
  odd.identity.constraints = {"", "- dash", "yes", "7", "null", "{name}", "*"};
  odd.identity.voice = voice_spec{"acme", "a:b"};
  odd.self_facts = {{"tiny", 5e-324, "k: {y}"}, {"third", 1.0 / 3.0}};
  odd.worldview = {{"c", "d", epistemic::contested, 0.0, "2024..", "key"}};
  odd.episodic = {{"e", {instant{1'772'473'200'123}, -330}, 1.0}};
  odd.tools = {"*", "mcp:time"};
  odd.routing.cents_per_turn_max = 1e300;
  odd.routing.cents_per_day_max = 0;
  odd.decides = autonomy::decisive;
  CHECK(*valid_persona(to_json(odd)) == odd);
  auto reefkeeper = valid_persona(reefkeeper_document());
  CHECK(*valid_persona(to_json(*reefkeeper)) == *reefkeeper);
}

TEST_CASE("PS-17 the capability floor is not applied: tools stay as they were written",
          "[domain][persona]") {
  auto p = valid_persona("tools: [web_search]\n" + pell);
  CHECK(p->tools == std::vector<std::string>{"web_search"});
  CHECK_FALSE(allows_tool(*p, "file_read"));
}

TEST_CASE("PS-18 a persona in use cannot be changed", "[domain][persona]") {
  auto p = valid_persona(pell);
  STATIC_REQUIRE(std::is_const_v<std::remove_reference_t<decltype(*p)>>);
  STATIC_REQUIRE_FALSE(std::is_assignable_v<decltype((p->decides)), autonomy>);
  STATIC_REQUIRE_FALSE(std::is_assignable_v<decltype((p->identity.name)), std::string>);
  CHECK(p->identity.name == "Pell");
}

TEST_CASE("QX-07 an empty tool list allows nothing, a star everything, a server its tools",
          "[domain][persona]") {
  struct row {
    std::string_view tools;
    std::string_view name;
    bool allowed;
  };
  auto given = GENERATE(
    row{"[]", "file_read", false}, row{"[\"*\"]", "file_read", true},
    row{"[\"*\"]", "mcp:time:now", true}, row{"[file_read]", "file_read", true},
    row{"[file_read]", "file_write", false}, row{"[\"mcp:time\"]", "mcp:time:now", true},
    row{"[\"mcp:time\"]", "mcp:timer:now", false}, row{"[\"mcp:time\"]", "mcp:time:", false},
    row{"[\"mcp:time:now\"]", "mcp:time:now", true},
    row{"[\"mcp:time:now\"]", "mcp:time:now:x", false},
    row{"[\"mcp:time:*\"]", "mcp:time:now", false}, row{"[\"mcp:\"]", "mcp::x", false},
    row{"[\"file_*\"]", "file_read", false});
  CAPTURE(given.tools, given.name);
  auto p = valid_persona("tools: " + std::string{given.tools} + "\n" + pell);
  CHECK(allows_tool(*p, given.name) == given.allowed);
  CHECK(allows_all_tools(*p) == (given.tools == "[\"*\"]"));
}

TEST_CASE("D-22 a star in tools is said when the persona loads", "[domain][persona]") {
  auto out = parse_persona(pell + "tools: [\"*\"]\n");
  REQUIRE(out.has_value());
  REQUIRE(out->notices.size() == 1);
  CHECK(out->notices[0].line == 5);
  CHECK_THAT(out->notices[0].text, Contains("every tool"));
}

TEST_CASE("autonomy sets how many questions a run may ask", "[domain][persona]") {
  CHECK(question_cap(*valid_persona(pell)) == 5);
  CHECK(question_cap(*valid_persona(pell + "autonomy: cautious\n")) == 5);
  CHECK(question_cap(*valid_persona(pell + "autonomy: balanced\n")) == 3);
  CHECK(question_cap(*valid_persona(pell + "autonomy: decisive\n")) == 1);
}
