#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

TEST_CASE("utf8: what is valid and what is not", "[domain][text]") {
  for (const char* good : {"", "a", "\u00e5", "\u6771", "\U0001F6A2", "\U0010FFFF", "\uFFFD"})
    CHECK(is_valid_utf8(good));
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\xc3", "\xc3(", "\xff"})
    CHECK_FALSE(is_valid_utf8(bad));
}

TEST_CASE("utf8: repairing replaces what is no character, as Python does", "[domain][text]") {
  CHECK(repaired_utf8("\u00e5 \U0001F6A2") == "\u00e5 \U0001F6A2");
  CHECK(repaired_utf8("a\xff"
                      "b\xc3")
        == "a\uFFFD"
           "b\uFFFD");
  CHECK(is_valid_utf8(repaired_utf8("\xe2\x82\xe2\x82\xac\xf0\x9f")));
}

TEST_CASE("utf8: counting and stripping like Python", "[domain][text]") {
  CHECK(character_count("\u00e5\U0001F6A2x") == 3);
  CHECK(character_count("\xff\xfe") == 2);
  CHECK(stripped(" \t\u00a0\u2028 a b \u3000\x1c\n") == "a b");
  CHECK(stripped("\u200b") == "\u200b");
  CHECK(stripped(" \n").empty());
  CHECK(stripped("\xff ") == "\xff");
}

TEST_CASE("utf8: borders of characters", "[domain][text]") {
  const std::string text = "a\u6771b";
  CHECK(border_at_or_before(text, 0) == 0);
  CHECK(border_at_or_before(text, 1) == 1);
  CHECK(border_at_or_before(text, 3) == 1);
  CHECK(border_at_or_before(text, 4) == 4);
  CHECK(border_at_or_before(text, 99) == 5);
  CHECK(border_at_or_after(text, 2) == 4);
  CHECK(border_at_or_after(text, 4) == 4);
  CHECK(border_at_or_after(text, 99) == 5);
  CHECK(border_at_or_before("\x80\x80\x80\x80\x80", 4) == 4);
}

TEST_CASE("unicode: classes and folding", "[domain][text]") {
  CHECK(class_of(U'\u00e6') == char_class::letter);
  CHECK(class_of(0x2EBF0) == char_class::letter);  // since Unicode 15.1
  CHECK(class_of(U'\u00bd') == char_class::number);
  CHECK(class_of(U'\u3000') == char_class::space);
  CHECK(class_of(0x1C) == char_class::other);
  CHECK(class_of(0x110000) == char_class::other);
  CHECK(is_blank(0x1C));
  CHECK(is_word(U'_'));
  CHECK_FALSE(is_word(0x301));
  std::string out;
  for (const char32_t c : U"\u00dfA\u0130\u03a3\u1E9Ez\U00010400")
    if (c != 0)
      append_folded(out, c);
  CHECK(out == "ssai\u0307\u03c3ssz\U00010428");
}
