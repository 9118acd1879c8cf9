#include "domain/conversation/ambiguity.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

#include <array>

using namespace persona_runtime;

namespace {

std::optional<ambiguity_signal> ambiguity_in(std::string_view message, bool prior = false,
                                             bool question = false) {
  return detect_ambiguity(message, {question, prior}, reference_tables().ambiguity);
}

/// The pattern's id; empty: nothing is ambiguous.
std::string id_in(std::string_view message, bool prior = false) {
  const auto found = ambiguity_in(message, prior);
  return found ? found->pattern_id : "";
}

}  // namespace

TEST_CASE("AMB-01 one of each class", "[domain][conversation]") {
  using c = ambiguity_class;
  CHECK(ambiguity_in("send")->kind == c::missing_parameter);
  CHECK(ambiguity_in("set up a meeting")->kind == c::missing_parameter);
  CHECK(ambiguity_in("draft a complaint")->kind == c::vague_scope);
  CHECK(ambiguity_in("fix this")->kind == c::vague_scope);
  CHECK(ambiguity_in("a cheap but premium hotel")->kind == c::conflicting_constraints);
  CHECK(ambiguity_in("delete everything")->kind == c::safety_critical_gap);
}

TEST_CASE("AMB-02 what says enough is not ambiguous", "[domain][conversation]") {
  for (const auto* message : {"draft a complaint about the noise", "write a report to the board",
                              "When does the ferry leave?", "thanks", ""})
    CHECK(id_in(message).empty());
}

TEST_CASE("AMB-03 Norwegian", "[domain][conversation]") {
  CHECK(ambiguity_in("slett alt")->kind == ambiguity_class::safety_critical_gap);
  CHECK(ambiguity_in("skriv en klage")->kind == ambiguity_class::vague_scope);
  CHECK_FALSE(ambiguity_in("skriv en klage om støy"));
}

TEST_CASE("AMB-04 after a question, and with an override, nothing is", "[domain][conversation]") {
  CHECK_FALSE(ambiguity_in("delete everything", true, true));
  CHECK_FALSE(ambiguity_in("delete everything, just do it"));
  CHECK_FALSE(ambiguity_in("Slett alt, BARE GJØR DET"));
}

TEST_CASE("AMB-05 of a long paste only both ends are looked at", "[domain][conversation]") {
  const auto filler = [](std::size_t count) { return std::string(count, 'x'); };
  CHECK_FALSE(ambiguity_in(filler(2'000) + " delete everything " + filler(2'000)));
  CHECK(ambiguity_in("delete everything " + filler(4'000)));
  CHECK(ambiguity_in(filler(4'000) + " delete everything"));
  CHECK(ambiguity_in(filler(990) + " delete everything " + filler(991)));  // 2,000 in all
  CHECK_FALSE(ambiguity_in(filler(990) + " delete everything " + filler(992)));
}

TEST_CASE("AMB-06 pointing words count on the first turn only", "[domain][conversation]") {
  CHECK(ambiguity_in("send it")->missing_element == "recipient");
  CHECK_FALSE(ambiguity_in("send it", true));
  CHECK(ambiguity_in("delete it")->kind == ambiguity_class::safety_critical_gap);
  CHECK_FALSE(ambiguity_in("delete it", true));
}

TEST_CASE("AMB-07 the graver class wins", "[domain][conversation]") {
  CHECK(id_in("draft a letter and delete everything") == "D.delete_bulk_en");
  CHECK(id_in("draft a letter, then send it") == "A.send_pronoun_en");
}

TEST_CASE("AMB-08 who asks about what", "[domain][conversation]") {
  using c = ambiguity_class;
  using a = autonomy;
  struct row {
    autonomy level;
    std::array<bool, 4> asks;  // A, B, C, D
  };
  for (const auto& [level, asks] :
       {row{a::cautious, {true, true, false, true}}, row{a::balanced, {true, false, false, true}},
        row{a::decisive, {false, false, false, true}}}) {
    CHECK(asks_about(level, c::missing_parameter) == asks[0]);
    CHECK(asks_about(level, c::vague_scope) == asks[1]);
    CHECK(asks_about(level, c::conflicting_constraints) == asks[2]);
    CHECK(asks_about(level, c::safety_critical_gap) == asks[3]);
  }
}

TEST_CASE("AMB-09 every signal says what it found", "[domain][conversation]") {
  for (const auto& row : reference_tables().ambiguity.patterns) {
    CHECK(row.id.substr(1, 1) == ".");
    CHECK_FALSE(row.missing.empty());
    CHECK((row.language == "en" || row.language == "no"));
  }
  const auto found = ambiguity_in("Please  send   it \n");
  REQUIRE(found);
  CHECK(found->matched_span == "send   it");
  CHECK(found->missing_element == "recipient");
  CHECK(found->pattern_id == "A.send_pronoun_en");
}

TEST_CASE("AMB-10 amounts, and the first of two equal rows", "[domain][conversation]") {
  CHECK(ambiguity_in("pay money")->missing_element == "amount");
  CHECK_FALSE(ambiguity_in("pay 100 kr money"));
  CHECK(ambiguity_in("pay money\n100"));  // the next line does not count
  CHECK(id_in("book") == "A.bare_send_en");
  CHECK(id_in("bestill!") == "A.bare_send_no");
}

TEST_CASE("conditions hold at the next match when they fail at the first",
          "[domain][conversation]") {
  CHECK(ambiguity_in("draft a letter about noise\nand draft a memo"));
  CHECK(ambiguity_in("remind me to eat, and remind me")->pattern_id == "A.remind_bare_en");
}

TEST_CASE("the learned level goes before the document's, and a broken one is an error",
          "[domain][conversation]") {
  CHECK(*effective_autonomy(autonomy::balanced, std::nullopt) == autonomy::balanced);
  CHECK(*effective_autonomy(autonomy::balanced, learned_autonomy{"decisive"})
        == autonomy::decisive);
  CHECK(*effective_autonomy(autonomy::decisive, learned_autonomy{"cautious"})
        == autonomy::cautious);
  CHECK(effective_autonomy(autonomy::balanced, learned_autonomy{"bold"}).error().detail.find("bold")
        != std::string::npos);
  CHECK_FALSE(effective_autonomy(autonomy::balanced, learned_autonomy{}).has_value());
  CHECK_FALSE(effective_autonomy(autonomy::balanced, learned_autonomy{"Cautious"}).has_value());
}
