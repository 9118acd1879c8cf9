#include "domain/text/question.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"

#include <set>

using namespace persona_runtime;

TEST_CASE("Q31-02 questions: every recorded row normalises alike", "[domain][text]") {
  std::size_t compared = 0;
  for (const auto& row : json_rows("text/helpers.jsonl")) {
    const auto& object = row.as_object();
    if (object.at("fn").as_string() != "normalize_question")
      continue;
    const std::string in{object.at("in").as_string()};
    INFO(in);
    CHECK(normalised_question(in) == std::string_view{object.at("out").as_string()});
    ++compared;
  }
  CHECK(compared == 12);
}

TEST_CASE("questions: every recorded registry row sees the same repeats", "[domain][text]") {
  std::size_t compared = 0;
  for (const auto& row : json_rows("text/helpers.jsonl")) {
    const auto& object = row.as_object();
    if (object.at("fn").as_string() != "question_registry")
      continue;
    std::set<std::string> keys;
    const auto& asked = object.at("in").as_array();
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const bool fresh = keys.insert(normalised_question(asked[i].as_string())).second;
      CHECK(fresh != object.at("seen").as_array()[i].as_bool());
    }
    CHECK(keys.size() == static_cast<std::size_t>(object.at("size").as_int64()));
    ++compared;
  }
  CHECK(compared == 2);
}

TEST_CASE("Q31-02 questions: case, blanks and outer marks make no difference", "[domain][text]") {
  CHECK(normalised_question("Draft a complaint?")
        == normalised_question("  draft   a complaint!!! "));
  CHECK(normalised_question("\xff x \xff") == "x");
  CHECK(normalised_question("\u212a\u00d8LN") == "k\u00f8ln");
}

TEST_CASE("questions: three options in the persona's language", "[domain][text]") {
  const question_form english = default_question("How long is she?", "en");
  CHECK(english.question == "How long is she?");
  CHECK(english.options[0].label == "Yes");
  CHECK(english.options[2].label == "Let me explain");
  CHECK(english.allow_free_form);
  for (const char* language : {"no", "NB", "nn", "nob"})
    CHECK(default_question("x", language).options[1].label == "Nei");
  for (const char* language : {"", "nn-NO", "norwegian", "de"})
    CHECK(default_question("x", language).options[1].label == "No");
}

TEST_CASE("D-5 questions: a question without text becomes the generic one", "[domain][text]") {
  CHECK(default_question(" \n", "en").question == generic_question("en"));
  CHECK(default_question("", "nb").question == generic_question("nb"));
  CHECK(generic_question("en") != generic_question("nb"));
}
