#include "domain/tool/result_bounds.hpp"
#include "providers/tools/outside/tool_exchange.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using persona_runtime::test::a_call;

namespace {

tool_result answer(std::string_view text) {
  return answer_of(text, text.size());
}

}  // namespace

TEST_CASE("a call is one line of JSON with the six fields", "[tools]") {
  CHECK(call_text(a_call(R"({"berth":7})"), "lookup")
        == R"({"call_id":"call_7","name":"lookup","arguments":{"berth":7},"run_id":"run_1",)"
           R"("persona_id":"persona_1","idempotency_key":"run_1/2/0"})");
}

TEST_CASE("a call with odd identifiers is still JSON", "[tools]") {
  auto request = a_call("");
  request.call.call_id = "a\"b\n\xff";
  const auto text = call_text(request, "lookup");
  CHECK(text.find(R"("call_id":"a\"b\n)"
                  "\xef\xbf\xbd\"")
        != std::string::npos);
  CHECK(text.find(R"("arguments":{})") != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("an object with a string content is taken apart", "[tools]") {
  const auto result = answer(R"( {"content": "Berth 7 is free", "is_error": true,
    "data": {"berth": 7, "depth": 1.5, "tags": ["a", null]}, "truncated": true, "other": [1],
    "artifacts": [{"workspace_path": "plan/berth.svg", "mime_type": "image/svg+xml",
                   "size_bytes": 120, "rendered_inline": true, "ai_generated": false},
                  {"workspace_path": "b"}]} )");
  CHECK(result.content == "Berth 7 is free");
  CHECK(result.is_error);
  CHECK(result.truncated);
  CHECK(result.data == R"({"berth":7,"depth":1.5,"tags":["a",null]})");
  REQUIRE(result.artifacts.size() == 2);
  CHECK(result.artifacts[0] == artifact{"plan/berth.svg", "image/svg+xml", 120, true, false});
  CHECK(result.artifacts[1] == artifact{"b", "", 0, false, true});
}

TEST_CASE("anything else is text, to the letter", "[tools]") {
  for (const auto* text :
       {"", "5\n", "{}", R"({"content": 7})", R"({"content": null})", R"(["content"])", R"("text")",
        R"({"content": "a"} trailing)", R"({"content": "a")", "{", "null", "  "}) {
    INFO(text);
    const auto result = answer(text);
    CHECK(result.content == text);
    CHECK_FALSE(result.is_error);
    CHECK(result.data.empty());
  }
}

TEST_CASE("fields of another type are passed over", "[tools]") {
  const auto result = answer(R"({"content": "a", "is_error": "yes", "data": [1], "truncated": 1,
    "artifacts": {"workspace_path": "a"}})");
  CHECK(result.content == "a");
  CHECK_FALSE(result.is_error);
  CHECK_FALSE(result.truncated);
  CHECK(result.data.empty());
  CHECK(result.artifacts.empty());
}

TEST_CASE("artifacts outside the workspace are left out", "[tools]") {
  const auto result = answer(R"({"content": "a", "artifacts": [7, {}, {"workspace_path": ""},
    {"workspace_path": "/etc/passwd"}, {"workspace_path": "../x"}, {"workspace_path": "a/../../x"},
    {"workspace_path": "a/.."}, {"workspace_path": "a\u0000b"}, {"workspace_path": "..a/b..",
    "size_bytes": -4}]})");
  REQUIRE(result.artifacts.size() == 1);
  CHECK(result.artifacts[0].workspace_path == "..a/b..");
  CHECK(result.artifacts[0].size_bytes == 0);
}

TEST_CASE("JSON as deep as the bound is read, deeper is text", "[tools]") {
  const auto nested = [](int depth) {
    return R"({"content":"a","data":{"x":)" + std::string(static_cast<std::size_t>(depth - 2), '[')
           + std::string(static_cast<std::size_t>(depth - 2), ']') + "}}";
  };
  CHECK(answer(nested(64)).content == "a");
  CHECK(answer(nested(65)).content == nested(65));
  CHECK(answer(std::string(200'000, '[')).content.size() == 200'000);
}

TEST_CASE("ill-formed UTF-8 is repaired, in text and in JSON", "[tools]") {
  CHECK(answer("a\xff\xfe"
               "b")
          .content
        == "a\xef\xbf\xbd\xef\xbf\xbd"
           "b");
  CHECK(answer("{\"content\": \"\xc3\x28\"}").content == "\xef\xbf\xbd(");
}

TEST_CASE("an answer that was not kept whole is cut text with a note", "[tools]") {
  // The bound falls into the middle of a two-byte character.
  auto kept = "x" + std::string{};
  while (kept.size() < tool_result_bytes_max)
    kept += "\xc3\xa5";
  kept.resize(tool_result_bytes_max);
  const auto result = answer_of(kept, 1'000'000);
  CHECK(result.truncated);
  CHECK(result.content.size() <= tool_result_bytes_max);
  CHECK(result.content.size() > tool_result_bytes_max - 4);
  CHECK(result.content.find("1000000 bytes") != std::string::npos);
  CHECK(result.content.find("\xef\xbf\xbd") == std::string::npos);
}

TEST_CASE("a tail keeps the end, whole characters and no blanks around it", "[tools]") {
  CHECK(tail_of(" one two \n\n", 100) == "one two");
  CHECK(tail_of("one two", 3) == "two");
  CHECK(tail_of("one two", 4) == "two");
  CHECK(tail_of("a\xc3\xa5"
                "b",
                2)
        == "b");
  CHECK(tail_of(" \n ", 10).empty());
  CHECK(tail_of("", 10).empty());
  CHECK(tail_of("a\xff\xff", 4) == "\xef\xbf\xbd");
}
