#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime::cli;

TEST_CASE("what steers a terminal is written out", "[bootstrap][cli][text]") {
  struct row {
    std::string_view text;
    std::string_view safe;
  };
  const auto rows = std::vector<row>{
    {"plain, 5 EUR", "plain, 5 EUR"},
    {"two\nlines", "two\nlines"},
    {"dos\r\nlines", "dos\nlines"},
    {"over\rwritten", "over\\x0dwritten"},
    {"a\tb", "a    b"},
    {"\x1b[2Jgone", "\\x1b[2Jgone"},
    {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
    {std::string_view{"nul\0", 4}, "nul\\x00"},
    {"\x7f", "\\x7f"},
    {"\xc2\x9b", "\\x9b"},                // CSI as one character
    {"\x9b", "\\x9b"},                    // CSI as one byte
    {"\xe2\x80\xae", "\\u202e"},          // right to left from here on
    {"\xe2\x81\xa6", "\\u2066"},          // an isolate
    {"a\xe2\x80\x8b", "a\\u200b"},        // no width at all
    {"\xf3\xa0\x81\x81", "\\U000e0041"},  // a tag character: invisible
    {"na\xc3\xafve \xe2\x82\xac", "na\xc3\xafve \xe2\x82\xac"},
    {"\xd9\x85\xe2\x80\x8c\xd9\x85",
     "\xd9\x85\xe2\x80\x8c\xd9\x85"},  // a joiner that means something
    {"\xc3", "\\xc3"},
  };
  for (const auto& [text, safe] : rows)
    CHECK(safe_text(text) == safe);
}

TEST_CASE("a safe line has no line breaks and single blanks", "[bootstrap][cli][text]") {
  CHECK(safe_line("  a\n\n b\t c  ") == "a b c");
  CHECK(safe_line("\n").empty());
  CHECK(safe_line("\x1b[31mred") == "\\x1b[31mred");
}

TEST_CASE("safe JSON keeps its meaning", "[bootstrap][cli][text]") {
  CHECK(safe_json("{\"a\":\n\t1}") == "{\"a\":  1}");
  CHECK(safe_json("{\"a\":\"\xc2\x9b\xe2\x80\xae\"}") == R"({"a":"\u009b\u202e"})");
  CHECK(safe_json("\"\xf3\xa0\x81\x81\"") == R"("\udb40\udc41")");
  CHECK(safe_json("\"\x9b\"") == "\"\xef\xbf\xbd\"");
  CHECK(safe_json(R"({"a":"\u001b"})") == R"({"a":"\u001b"})");
}

TEST_CASE("texts are cut by columns, at characters", "[bootstrap][cli][text]") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("日本") == 4);
  CHECK(columns_of("e\xcc\x81") == 1);
  CHECK(cut_to_columns("abcde", 5) == "abcde");
  CHECK(cut_to_columns("abcdef", 5) == "abcd…");
  CHECK(cut_to_columns("日本語", 5) == "日本…");
  CHECK(cut_to_columns("日本語", 4) == "日…");
  CHECK(cut_to_columns("abc", 1) == "…");
}

TEST_CASE("rows break at blanks, long words inside", "[bootstrap][cli][text]") {
  using rows = std::vector<std::string>;
  CHECK(rows_of("one two three", 7) == rows{"one two", "three"});
  CHECK(rows_of("abcdefgh", 3) == rows{"abc", "def", "gh"});
  CHECK(rows_of("a\n\nb", 10) == rows{"a", "", "b"});
  CHECK(rows_of("日本語", 2) == rows{"日", "本", "語"});
  CHECK(rows_of("", 10) == rows{""});
}

TEST_CASE("the beginning of a text says what is missing", "[bootstrap][cli][text]") {
  using rows = std::vector<std::string>;
  const auto all = beginning_of("one\n\n  two\n", 2, 20);
  CHECK(all.rows == rows{"one", "two"});
  CHECK_FALSE(all.is_cut);
  const auto begun = beginning_of("one\ntwo\nthree\nfour", 2, 20);
  CHECK(begun.rows == rows{"one", "two"});
  CHECK(begun.more_lines == 2);
  CHECK(begun.is_cut);
  const auto wide = beginning_of(std::string(1'000'000, 'x'), 2, 10);
  CHECK(wide.rows == rows{"xxxxxxxxxx", "xxxxxxxxx…"});
  CHECK(wide.is_cut);
  CHECK(beginning_of("", 2, 10).rows.empty());
}

TEST_CASE("figures are short and grouped", "[bootstrap][cli][text]") {
  CHECK(figure(0) == "0");
  CHECK(figure(7) == "7");
  CHECK(figure(999) == "999");
  CHECK(figure(1000) == "1,000");
  CHECK(figure(1234567) == "1,234,567");
  CHECK(figure(0.5) == "0.5");
  CHECK(figure(12.345) == "12.35");
  CHECK(figure(0.30000000000000004) == "0.3");
  CHECK(figure(0.00042) == "0.00042");
  CHECK(figure(-1500) == "-1,500");
  CHECK(figure(1e300 * 1e300) == "unknown");
  CHECK(count_of(1, "step") == "1 step");
  CHECK(count_of(0, "step") == "0 steps");
}
