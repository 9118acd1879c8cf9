#include "domain/text/markers.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <vector>

using namespace persona_runtime;

namespace {

reply_kind is_final(std::string text) {
  return final_output{std::move(text)};
}

reply_kind is_question(std::string text) {
  return user_question{std::move(text)};
}

const reply_kind is_reasoning = plain_reasoning{};

std::string filtered(const std::vector<std::string_view>& deltas) {
  delta_filter filter;
  std::string out;
  for (const std::string_view delta : deltas)
    out += filter.feed(delta);
  return out + filter.flush();
}

const std::vector<std::string> samples{
  "",
  "[FINAL] Berth 4",
  "**[FINAL]** Berth 4 is free",
  "Thinking.\n[FINAL]\n- one\n- two\n",
  "> ## [ASK_USER]: Which one?\nMore [FINAL] here",
  "[FINAL][FINAL] twice\n[ASK_USER]",
  "no [FINAL] marker\n\n[FINA\n[FINAL\n[ASK_USE]\n[",
  "** bold **\n* item\n  # head\n___\n",
  "```\n[FINAL] in a fence\n```\r\n\t[FINAL]\r\nend",
  "\n\n\n[FINAL]",
  "[[FINAL]\n*[*[FINAL]*",
  "\u00e5 [FINAL]\n\u00e5",
};

}  // namespace

TEST_CASE("D-4 a line-initial final marker wins over everything else", "[domain][text]") {
  CHECK(classify_reply("[FINAL] Berth 4 is free.") == is_final("Berth 4 is free."));
  CHECK(classify_reply("[FINAL] Done. Anything else?") == is_final("Done. Anything else?"));
  CHECK(classify_reply("[ASK_USER] Which?\n[FINAL] Berth 4") == is_final("Berth 4"));
  CHECK(classify_reply("[FINAL] one\n[FINAL] two") == is_final("two"));
  CHECK(classify_reply("text [FINAL] Berth 4") == is_reasoning);
  CHECK(classify_reply("[final] Berth 4") == is_reasoning);
}

TEST_CASE("D-4 blanks and Markdown marks may stand before a marker", "[domain][text]") {
  CHECK(classify_reply("**[FINAL]** berth 4") == is_final("berth 4"));
  CHECK(classify_reply("> ## __[FINAL]__\n\nberth 4\n") == is_final("berth 4"));
  CHECK(classify_reply("\t [FINAL]berth 4") == is_final("berth 4"));
  CHECK(classify_reply("```\n[FINAL] x\n```") == is_final("x\n```"));
  CHECK(classify_reply("- [FINAL] x") == is_reasoning);
}

TEST_CASE("D-4 a final marker with nothing behind it delivers what stands before",
          "[domain][text]") {
  CHECK(classify_reply("Berth 4 is free.\n[FINAL]") == is_final("Berth 4 is free."));
  CHECK(classify_reply("Berth 4.\n**[FINAL]** \u00a0\n ") == is_final("Berth 4."));
  CHECK(classify_reply("[FINAL] a\n[FINAL]") == is_final("a"));
  CHECK(classify_reply("[ASK_USER] a?\n[FINAL]") == is_final("a?"));
  CHECK(classify_reply("[FINAL]") == is_final(""));
}

TEST_CASE("D-4 the ask marker counts line-initial", "[domain][text]") {
  CHECK(classify_reply("[ASK_USER] How long is she?") == is_question("How long is she?"));
  CHECK(classify_reply("First I look.\n**[ASK_USER]** How long")
        == is_question("First I look.\nHow long"));
  CHECK(classify_reply("I will use [ASK_USER] later.") == is_reasoning);
  CHECK(classify_reply("[ASK_USER] a [ASK_USER] b") == is_question("a  b"));
  CHECK(find_ask("plain") == std::nullopt);
  CHECK(find_final("plain") == std::nullopt);
}

TEST_CASE("D-5 a lone ask marker is a question without text", "[domain][text]") {
  CHECK(classify_reply("[ASK_USER]") == is_question(""));
  CHECK(classify_reply(" **[ASK_USER]**\n") == is_question(""));
}

TEST_CASE("AGT-09 AGT-10 the heuristic ends at 300 code points", "[domain][text]") {
  const std::string letters(299, 'a');
  CHECK(classify_reply(letters + "?") == is_question(letters + "?"));
  CHECK(classify_reply("  " + letters + "? \n") == is_question(letters + "?"));
  CHECK(classify_reply(letters + "a?") == is_reasoning);
  std::string wide;
  for (int i = 0; i < 299; ++i)
    wide += "\u00e5";
  CHECK(classify_reply(wide + "?") == is_question(wide + "?"));
  CHECK(classify_reply("What? No [ASK_USER] here") == is_question("What? No  here"));
  CHECK(classify_reply("full width \uff1f") == is_reasoning);
  CHECK(classify_reply("") == is_reasoning);
}

TEST_CASE("markers: texts without their line-initial markers", "[domain][text]") {
  CHECK(without_markers("**[FINAL]** berth 4") == "berth 4");
  CHECK(without_markers("a\n[ASK_USER] b\nc [FINAL] d") == "a\nb\nc [FINAL] d");
  CHECK(without_markers("[FINAL]\nberth 4") == "\nberth 4");
  CHECK(without_markers("** bold **\n* item") == "** bold **\n* item");
  CHECK(without_markers("[FINAL") == "[FINAL");
}

TEST_CASE("markers: streamed text is filtered alike, wherever it is cut", "[domain][text]") {
  for (const std::string& text : samples) {
    const std::string expected = without_markers(text);
    INFO(text);
    const std::string_view view = text;
    for (std::size_t i = 0; i <= view.size(); ++i)
      for (std::size_t j = i; j <= view.size(); ++j)
        REQUIRE(filtered({view.substr(0, i), view.substr(i, j - i), view.substr(j)}) == expected);
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < view.size(); ++i)
      single.push_back(view.substr(i, 1));
    REQUIRE(filtered(single) == expected);
  }
}

TEST_CASE("markers: random texts are filtered alike in one piece and in many", "[domain][text]") {
  std::mt19937 random{815};
  const std::vector<std::string> alphabet{"[FINAL]", "[ASK_USER]", "[",    "FINAL]", "\n", "*",
                                          " ",       "a",          "_ASK", "]",      "# ", "\r"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 12; i > 0; --i)
      text += alphabet[random() % alphabet.size()];
    std::vector<std::string_view> cuts;
    for (std::size_t at = 0; at < text.size();) {
      cuts.push_back(std::string_view{text}.substr(at, 1 + random() % 4));
      at += cuts.back().size();
    }
    INFO(text);
    REQUIRE(filtered(cuts) == without_markers(text));
  }
}

TEST_CASE("markers: only an undecided beginning of a line is held back", "[domain][text]") {
  delta_filter filter;
  CHECK(filter.feed("Hello [FIN") == "Hello [FIN");
  CHECK(filter.feed("AL]\n** [FI") == "AL]\n");
  CHECK(filter.feed("X") == "** [FIX");
  CHECK(filter.feed("\n[FINAL") == "\n");
  CHECK(filter.flush() == "[FINAL");
  CHECK(filter.feed("[FINAL] x") == "x");
}
