#include "domain/text/pattern.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <random>
#include <string>

using namespace persona_runtime;

namespace {

/// The matched part of `text`; "-" when there is none.
std::string found(std::string_view wanted, std::string_view text) {
  const auto compiled = pattern::compile(wanted);
  REQUIRE(compiled.has_value());
  const auto folded = folded_text{text};
  const auto span = compiled->find(folded);
  return span ? std::string{folded.original(span->first, span->last)} : "-";
}

std::string problem_with(std::string_view text) {
  const auto compiled = pattern::compile(text);
  return compiled ? "" : compiled.error().detail;
}

}  // namespace

TEST_CASE("patterns: the first place, and there the first alternative", "[domain][text]") {
  CHECK(found("a|ab", "xxab") == "a");
  CHECK(found("ab|a", "xxab") == "ab");
  CHECK(found("(a|ab)(c|bcd)", "abcd") == "abcd");
  CHECK(found("b|a", "xab") == "a");
  CHECK(found("abc", "ab") == "-");
}

TEST_CASE("patterns: repetitions take as much as they can", "[domain][text]") {
  CHECK(found("ab*", "abbbc") == "abbb");
  CHECK(found("ab+c", "ac abbc") == "abbc");
  CHECK(found("colou?r", "the color") == "color");
  CHECK(found("a{2,3}", "aaaa") == "aaa");
  CHECK(found("a{2,3}", "a") == "-");
  CHECK(found("a{0,1}b", "b") == "b");
  CHECK(found("x.*y", "xayby\ny") == "xayby");
  CHECK(found("(a*)*b", "aaab") == "aaab");
  CHECK(found("(a|b*)*c", "c") == "c");
}

TEST_CASE("patterns: classes, sets and edges know Unicode", "[domain][text]") {
  CHECK(found(R"(\bok\b)", "ok\xC3\xA5 \xC3\xA5ok") == "-");
  CHECK(found(R"(\bok\b)", "ok\xE2\x80\x94then") == "ok");
  CHECK(found(R"(\w+)", "\xC2\xBF\xC3\xB8l?") == "\xC3\xB8l");
  CHECK(found(R"(a\s+b)", "a\xC2\xA0 \n"
                          "b")
        == "a\xC2\xA0 \n"
           "b");
  CHECK(found(R"([^.?!]{0,4}x)", "a.bcx") == "bcx");
  CHECK(found(R"([a-c\d]+)", "zz1bq") == "1b");
  CHECK(found(R"(\$|\.)", "5$") == "$");
}

TEST_CASE("patterns: case never counts, also where folding is odd", "[domain][text]") {
  CHECK(found("send", "SEND") == "SEND");
  CHECK(found("SEND it", "\xC5\xBF"
                         "end it")
        == "\xC5\xBF"
           "end it");                                      // long s
  CHECK(found("ok", "o\xE2\x84\xAA") == "o\xE2\x84\xAA");  // Kelvin sign
  CHECK(found("bl\xC3\xA5", "BL\xC3\x85") == "BL\xC3\x85");
  CHECK(found("stra\xC3\x9F"
              "e",
              "STRA\xC3\x9F"
              "E")
        == "STRA\xC3\x9F"
           "E");  // two letters: kept
}

TEST_CASE("patterns: ends of the text, and a find within bounds", "[domain][text]") {
  CHECK(found(R"(^\s*(send|book)[.?!]?\s*$)", " Book! ") == " Book! ");
  CHECK(found(R"(^book$)", "a book") == "-");
  const auto word = *pattern::compile(R"(\bat\b)");
  const auto text = folded_text{"at that at"};
  CHECK(word.find(text, 1) == text_span{8, 10});
  CHECK_FALSE(word.find(text, 1, 9));
  CHECK(word.match_at(text, 8) == text_span{8, 10});
  CHECK_FALSE(word.match_at(text, 5));
  CHECK_FALSE(word.find(text, 11));
  CHECK_FALSE(pattern{}.find(text));
  CHECK(text.line_end(0) == 10);
}

TEST_CASE("patterns: what is no pattern is refused with its place", "[domain][text]") {
  CHECK(problem_with("").find("empty") != std::string::npos);
  CHECK(problem_with("(ab").find("( without its )") != std::string::npos);
  CHECK(problem_with("ab)").find(") without its (, at character 3") != std::string::npos);
  CHECK(problem_with("[ab").find("[ without") != std::string::npos);
  CHECK(problem_with("[]").find("empty []") != std::string::npos);
  CHECK(problem_with("*a").find("nothing stands before") != std::string::npos);
  CHECK(problem_with("a**").find("two repetitions") != std::string::npos);
  CHECK(problem_with("a{3,1}").find("m <= n") != std::string::npos);
  CHECK(problem_with("a{1,101}").find("n <= 100") != std::string::npos);
  CHECK(problem_with("a{x,1}").find("number") != std::string::npos);
  CHECK(problem_with(R"(\q)").find("mark behind it") != std::string::npos);
  CHECK(problem_with(R"(\W)").find("capital") != std::string::npos);
  CHECK(problem_with("a\\").find("mark behind it") != std::string::npos);
  CHECK(problem_with("[z-a]").find("range") != std::string::npos);
}

TEST_CASE("patterns: their size is bounded", "[domain][text]") {
  CHECK(problem_with(std::string(4'096, 'a')).empty());
  CHECK(problem_with(std::string(4'097, 'a')).find("4096 characters") != std::string::npos);
  CHECK(problem_with("((((a{0,100}){0,100}){0,100}){0,100})").find("instructions")
        != std::string::npos);
  CHECK(problem_with(std::string(32, '(') + 'a' + std::string(32, ')')).empty());
  CHECK(problem_with(std::string(33, '(') + 'a' + std::string(33, ')')).find("32 groups")
        != std::string::npos);
}

TEST_CASE("patterns: the places that are passed over are those where no match begins",
          "[domain][text]") {
  auto random = std::mt19937{7};
  auto letters = std::uniform_int_distribution<std::size_t>{0, 7};
  const auto signs = std::array<std::string, 8>{"a", "b", "c", " ", "1", "\n", "\u00e6", "A"};
  for (const auto* text : {"ab|c", "\\ba+c\\b", "a?b", "[^a]b", "a.c", "(ab|ba){2,3}c?",
                           "\\w\\s\\d", "\u00e6a", "a\u00e6", "a$", "^b", "c\\b", "(a|b*)c", "1"}) {
    const auto compiled = pattern::compile(text);
    REQUIRE(compiled.has_value());
    for (auto i = 0; i < 500; ++i) {
      auto written = std::string{};
      for (auto n = letters(random); n > 0; --n)
        written += signs.at(letters(random));
      CAPTURE(text, written);
      const auto folded = folded_text{written};
      auto first = std::optional<text_span>{};
      for (auto at = std::size_t{0}; at <= folded.size() && !first; ++at)
        first = compiled->match_at(folded, at);
      CHECK(compiled->find(folded) == first);
    }
  }
}

TEST_CASE("patterns: hostile ones take linear time", "[domain][text]") {
  const auto nested = *pattern::compile("(a*)*(a*)*(a|a)*b");
  CHECK_FALSE(nested.matches(std::string(100'000, 'a')));
  const auto gap = *pattern::compile(R"(\bi ?(can)[^.?!]{0,40}\b(run) (code)\b)");
  auto text = std::string{};
  for (auto i = 0; i < 10'000; ++i)
    text += "i can i can ";
  CHECK_FALSE(gap.matches(text));
  CHECK(gap.matches(text + "run code"));
}

TEST_CASE("patterns: bytes that are no UTF-8 are characters of their own", "[domain][text]") {
  CHECK(found("a.b", "a\xFF"
                     "b")
        == "a\xFF"
           "b");
  CHECK(found(".", "") == "-");
}
