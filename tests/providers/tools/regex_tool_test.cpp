#include "providers/tools/regex_tool.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

tool_result ask(std::string pattern, std::string text, std::string operation = "search",
                std::optional<std::string> replacement = {}, bool ignore_case = false) {
  const auto question = regex_question{std::move(pattern), std::move(text), std::move(operation),
                                       std::move(replacement), ignore_case};
  return match_regex(question, {});
}

}  // namespace

TEST_CASE("BT-16 patterns that explode elsewhere finish fast", "[providers][tools][regex]") {
  const auto text = std::string(99'999, 'a') + "b";
  const auto result = ask("(a+)+$", text);
  CHECK_FALSE(result.is_error);
  CHECK(result.content == "No match.");
  CHECK(ask("(x+x+)+y", std::string(100'000, 'x'), "findall").data
        == R"({"count":0,"matches":[]})");
}

TEST_CASE("BT-16 what RE2 lacks is told with a hint", "[providers][tools][regex]") {
  for (const auto* pattern : {"(a)\\1", "(?=a)", "(?<!a)b", "["}) {
    const auto result = ask(pattern, "aa");
    CHECK(result.is_error);
    CHECK(result.content.find("no back-references") != std::string::npos);
  }
}

TEST_CASE("BT-16 sub needs a replacement", "[providers][tools][regex]") {
  CHECK(ask("a", "a", "sub").content == "operation 'sub' also needs: replacement");
  const auto result = ask("(\\w+) (\\w+)", "one two three four", "sub", "\\2 \\1");
  CHECK(result.content == "two one four three");
  CHECK(result.data == R"({"result":"two one four three","replacements":2})");
  CHECK(ask("x*", "abc", "sub", "-").content == "-a-b-c-");
  CHECK(ask("z", "abc", "sub", "-").data == R"({"result":"abc","replacements":0})");
  CHECK(ask("b", "a\u00e6b", "sub", "").content == "a\u00e6");
  CHECK(ask("a", "a", "sub", "\\1").is_error);
  CHECK(ask("a", "a", "sub", "\\").is_error);
}

TEST_CASE("search tells match, groups and span in characters", "[providers][tools][regex]") {
  const auto result = ask("b(c)?(d)", "\u00e6\u00f8bd");
  CHECK(result.data == R"({"matched":true,"match":"bd","groups":[null,"d"],"span":[2,4]})");
  CHECK(result.content == "Match at 2 to 4: bd\nGroups: [null,\"d\"]");
  const auto none = ask("x", "abc");
  CHECK_FALSE(none.is_error);
  CHECK(none.data == R"({"matched":false,"match":null,"groups":[],"span":null})");
  CHECK(ask("ABC", "abc").content == "No match.");
  CHECK(ask("ABC", "abc", "search", {}, true).content == "Match at 0 to 3: abc");
  CHECK(ask("", "").data == R"({"matched":true,"match":"","groups":[],"span":[0,0]})");
}

TEST_CASE("fullmatch takes the whole text or nothing", "[providers][tools][regex]") {
  CHECK(ask("a(b)", "ab", "fullmatch").data == R"({"matched":true,"groups":["b"]})");
  CHECK(ask("a", "ab", "fullmatch").data == R"({"matched":false,"groups":[]})");
}

TEST_CASE("findall lists matches, a group or all groups", "[providers][tools][regex]") {
  CHECK(ask("\\d+", "1 22 333", "findall").data == R"({"count":3,"matches":["1","22","333"]})");
  CHECK(ask("(\\d)x", "1x 2x", "findall").data == R"({"count":2,"matches":["1","2"]})");
  CHECK(ask("(\\d)(x)?", "1x 2", "findall").data
        == R"({"count":2,"matches":[["1","x"],["2",null]]})");
  CHECK(ask("\\d+", "1 22", "findall").content == "2 matches\n1\n22");
  CHECK(ask("a*", "\u00e6a", "findall").data == R"({"count":2,"matches":["","a"]})");
}

TEST_CASE("findall counts all and lists a thousand", "[providers][tools][regex]") {
  CHECK_FALSE(ask("a", std::string(1'000, 'a'), "findall").truncated);
  const auto result = ask("a", std::string(1'001, 'a'), "findall");
  CHECK(result.truncated);
  CHECK(result.content.starts_with("1001 matches, of which the first 1000 are listed\n"));
}

TEST_CASE("Bounds of regex_match are told", "[providers][tools][regex]") {
  CHECK_FALSE(ask(std::string(1'000, 'a'), "a").is_error);
  CHECK(ask(std::string(1'001, 'a'), "a").content == "pattern is longer than 1,000 characters");
  CHECK_FALSE(ask("b", std::string(100'000, 'a')).is_error);
  CHECK(ask("b", std::string(100'001, 'a')).content == "text is longer than 100,000 characters");
  CHECK(ask("a", "a", "sub", std::string(1'001, 'a')).is_error);
  CHECK(ask("a", std::string(100'000, 'a'), "sub", std::string(100, 'b')).content
        == "the new text would be longer than 256 KiB");
  CHECK(ask("a", "a", "split").content == "operation must be search, fullmatch, findall or sub");
  auto large = std::string{};
  for (auto i = 0; i < 60; ++i)
    large += "a{0,1000}";
  CHECK(ask(large, "a").content.find("pattern too large") != std::string::npos);
  CHECK(ask("((a?){1000})c", std::string(100'000, 'a')).content.find("too large for a text")
        != std::string::npos);
}

TEST_CASE("A search that is told to stop does", "[providers][tools][regex]") {
  auto source = std::stop_source{};
  source.request_stop();
  const auto question = regex_question{"a", "aaa", "findall", {}, false};
  CHECK(match_regex(question, source.get_token()).data == R"({"count":0,"matches":[]})");
}
