#include "domain/conversation/clarification.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

conversation empty_talk() {
  return {{"conv_1"}, {"persona_1"}};
}

conversation_message asked(std::string question) {
  auto m = conversation_message{role::assistant, std::move(question), zoned_instant{}};
  m.metadata["proactive_question"] = "true";
  return m;
}

clarification decide(std::string_view message, const conversation& c, autonomy level) {
  return decide_clarification(message, c, level, "en", reference_tables().ambiguity);
}

question_form a_form() {
  return {"Which?", {{{"Option 1", ""}, {"Ærlig", ""}, {"Wait", ""}}}};
}

ambiguity_signal a_signal(ambiguity_class kind, std::string missing) {
  auto signal = ambiguity_signal{};
  signal.kind = kind;
  signal.missing_element = std::move(missing);
  return signal;
}

}  // namespace

TEST_CASE("Q31-01 a question without text, or an option without label, is refused",
          "[domain][conversation]") {
  CHECK(checked(a_form()).has_value());
  auto form = a_form();
  form.question.clear();
  CHECK_FALSE(checked(form).has_value());
  form = a_form();
  form.options[2].label.clear();
  CHECK_THAT(checked(form).error().detail, Contains("exactly 3"));
  // Two or four options cannot be written down at all.
  STATIC_REQUIRE(std::tuple_size_v<decltype(form.options)> == 3);
}

TEST_CASE("Q31-03 an answer fills in, and is never erased", "[domain][conversation]") {
  auto registry = question_registry{};
  CHECK_FALSE(registry.seen("Which berth?"));
  CHECK_FALSE(registry.answer_for("Which berth?"));
  registry.record("Which berth?");
  CHECK(registry.seen("which  BERTH"));
  CHECK_FALSE(registry.answer_for("Which berth?"));
  registry.record("Which berth?", "4");
  registry.record(" which berth ");
  CHECK(registry.answer_for("Which berth?") == "4");
  registry.record("Which berth?", "5");
  CHECK(registry.answer_for("Which berth?") == "5");
  registry.record("How long?", "12 m");
  CHECK(registry.size() == 2);
}

TEST_CASE("Q31-04 what counts as an answer", "[domain][conversation]") {
  auto form = a_form();
  CHECK(*validated_answer(form, " option 1 ") == "Option 1");
  CHECK(*validated_answer(form, "ÆRLIG") == "Ærlig");
  CHECK(*validated_answer(form, "  by the pier ") == "by the pier");
  CHECK_FALSE(validated_answer(form, " \n").has_value());
  form.allow_free_form = false;
  CHECK_FALSE(validated_answer(form, "by the pier").has_value());
  CHECK(*validated_answer(form, "WAIT") == "Wait");
}

TEST_CASE("Q31-05 the error lists the labels and the start of the answer",
          "[domain][conversation]") {
  auto form = a_form();
  form.allow_free_form = false;
  const auto detail = validated_answer(form, std::string(200, 'z')).error().detail;
  CHECK_THAT(detail, Contains("Option 1, Ærlig, Wait"));
  CHECK_THAT(detail, Contains(std::string(120, 'z')) && !Contains(std::string(121, 'z')));
  CHECK_THAT(detail, Contains("allow_free_form=False"));
}

TEST_CASE("the template author says what is missing, in both languages", "[domain][conversation]") {
  using c = ambiguity_class;
  const auto danger = clarifying_question(a_signal(c::safety_critical_gap, "target"), "en");
  CHECK_THAT(danger.question, Contains("target") && Contains("for good"));
  CHECK(danger.options[0].label == "Go ahead");
  CHECK(danger.options[1].label == "Cancel");
  const auto missing = clarifying_question(a_signal(c::missing_parameter, "time"), "en");
  CHECK_THAT(missing.question, Contains("time"));
  CHECK(missing.options[1].label == "Use your judgement");
  const auto vague = clarifying_question(a_signal(c::vague_scope, "scope"), "en");
  CHECK(vague == clarifying_question(a_signal(c::conflicting_constraints, "x"), "de"));
  for (const auto* language : {"no", "NB", "nn", "nob"}) {
    CHECK_THAT(clarifying_question(a_signal(c::missing_parameter, "recipient"), language).question,
               Contains("mottakeren"));
  }
  CHECK_THAT(clarifying_question(a_signal(c::missing_parameter, "scope"), "nb").question,
             Contains("opplysningen"));
  for (const auto kind : {c::missing_parameter, c::vague_scope, c::safety_critical_gap}) {
    for (const auto* language : {"en", "nb"}) {
      const auto form = clarifying_question(a_signal(kind, "time"), language);
      CHECK(checked(form).has_value());
      CHECK(form.allow_free_form);
      CHECK(form.options[0].description.empty());
    }
  }
}

TEST_CASE("TURN-17 cautious: a vague request is asked about", "[domain][conversation]") {
  const auto out = decide("draft a complaint", empty_talk(), autonomy::cautious);
  CHECK(out.kind == clarification_kind::ask);
  auto json = std::string{};
  append_question(json, out.question);
  CHECK_THAT(json, Contains(R"("options":[{"label":"I will describe it","description":""},)")
                     && Contains(R"("allow_free_form":true)"));
}

TEST_CASE("TURN-18 decisive: only what cannot be undone is asked about", "[domain][conversation]") {
  const auto vague = decide("draft a complaint", empty_talk(), autonomy::decisive);
  CHECK(vague.kind == clarification_kind::assume);
  CHECK(vague.signal->missing_element == "scope");
  CHECK(decide("delete everything", empty_talk(), autonomy::decisive).kind
        == clarification_kind::ask);
}

TEST_CASE("TURN-19 balanced: a vague request is assumed about", "[domain][conversation]") {
  CHECK(decide("draft a complaint", empty_talk(), autonomy::balanced).kind
        == clarification_kind::assume);
  CHECK(decide("send it", empty_talk(), autonomy::balanced).kind == clarification_kind::ask);
}

TEST_CASE("TURN-20 nothing is asked right after a question", "[domain][conversation]") {
  auto c = empty_talk();
  c.messages = {{role::user, "delete everything", zoned_instant{}}, asked("Really?")};
  const auto out = decide("delete everything", c, autonomy::cautious);
  CHECK(out.kind == clarification_kind::none);
  CHECK_FALSE(out.signal);
}

TEST_CASE("TURN-21 an equal question is not asked twice, and nothing is assumed",
          "[domain][conversation]") {
  auto c = empty_talk();
  const auto first = decide("delete everything", c, autonomy::cautious);
  c.messages = {{role::user, "delete everything", zoned_instant{}},
                asked("  " + first.question.question + "!!"),
                {role::user, "no", zoned_instant{}},
                {role::assistant, "Fine.", zoned_instant{}}};
  const auto again = decide("delete everything", c, autonomy::cautious);
  CHECK(again.kind == clarification_kind::none);
  CHECK(again.repeated);
  CHECK(again.signal);
}

TEST_CASE("TURN-22 a clear message needs nothing", "[domain][conversation]") {
  CHECK(decide("When does the ferry leave?", empty_talk(), autonomy::cautious).kind
        == clarification_kind::none);
}
