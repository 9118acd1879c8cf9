#include "domain/tool/redaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_rows.hpp"

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

using shown = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("TA-02 ACT-06 a secret is replaced, a long value cut, and neither is seen",
          "[domain][tool]") {
  auto out =
    redacted_arguments(R"({"api_key": "hunter2", "body": ")" + std::string(5000, 'x') + R"("})");
  REQUIRE(out.size() == 2);
  CHECK(out["api_key"] == redacted_mark);
  CHECK(out["body"] == std::string(120, 'x') + "… (+4880 chars)");
  for (const auto& [key, value] : out)
    CHECK_THAT(value, !Contains("hunter2"));
}

TEST_CASE("ACT-06 recorded rows of argument redaction", "[domain][tool]") {
  std::size_t rows = 0;
  for (const auto& row : json_rows("text/helpers.jsonl")) {
    if (row.at("fn") != "redact_args")
      continue;
    ++rows;
    CAPTURE(row);
    shown wanted;
    for (const auto& member : row.at("out").as_object())
      wanted.emplace(member.key(), member.value().as_string());
    auto out = redacted_arguments(boost::json::serialize(row.at("in")));
    REQUIRE(out.contains("…") == wanted.contains("…"));
    // The words of the note are our own.
    out.erase("…");
    wanted.erase("…");
    CHECK(out == wanted);
  }
  CHECK(rows == 14);
}

TEST_CASE("a key sounds secret by any part of it, in any case", "[domain][tool]") {
  for (auto key : {"SECRET", "max_tokens", "tokenizer", "userPassword", "MyApiKey", "ACCESS_KEY_ID",
                   "set-cookie",
                   "to\xE2\x84\xAA"
                   "en"}) {
    CAPTURE(key);
    CHECK(redacted_arguments(std::string{"{\""} + key + "\": 1}").at(key) == redacted_mark);
  }
  for (auto key : {"monkey", "keyword", "author", "api key", "pass", "auth"}) {
    CAPTURE(key);
    CHECK(redacted_arguments(std::string{"{\""} + key + "\": 1}").at(key) == "1");
  }
}

TEST_CASE("TA-01 secrets are found at every depth", "[domain][tool]") {
  auto out = redacted_arguments(
    R"({"request": {"url": "x", "headers": [{"Authorization": "Bearer abc"}], "a": 2.0}})");
  CHECK(out
        == shown{{"request", R"({"a": 2.0, "headers": [{"Authorization": "‹redacted›"}], )"
                             R"("url": "x"})"}});
}

TEST_CASE("values are cut behind 120 characters, not bytes", "[domain][tool]") {
  auto text = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
      out += "ø";
    return out;
  };
  CHECK(redacted_arguments("{\"a\": \"" + text(120) + "\"}").at("a") == text(120));
  CHECK(redacted_arguments("{\"a\": \"" + text(121) + "\"}").at("a") == text(120) + "… (+1 chars)");
}

TEST_CASE("TA-03 the whole map stays within 512 characters", "[domain][tool]") {
  // {"a": "x…", …}: an entry takes its key and value, four quotes, ": ", and ", " or braces.
  auto arguments = [](std::size_t last) {
    std::string out = "{";
    for (auto key : {"a", "b", "c", "d"})
      out += std::string{"\""} + key + "\": \"" + std::string(100, 'x') + "\", ";
    return out + "\"e\": \"" + std::string(last, 'y') + "\"}";
  };
  CHECK(redacted_arguments(arguments(67)).size() == 5);
  auto over = redacted_arguments(arguments(68));
  CHECK(over.contains("…"));
  CHECK_FALSE(over.contains("d"));
  CHECK(over.contains("e"));
}

TEST_CASE("very many arguments are shortened quickly", "[domain][tool]") {
  std::string arguments = "{";
  for (int i = 0; i < 50'000; ++i)
    arguments += "\"k" + std::to_string(i) + "\":\"v\",";
  auto out = redacted_arguments(arguments + "\"last\":1}");
  CHECK(out.size() < 60);
  CHECK(out.contains("…"));
}

TEST_CASE("what is no JSON object shows nothing", "[domain][tool]") {
  for (auto text : {"", "[1]", "\"api_key\"", "{", "{\"a\":", "null"}) {
    CAPTURE(text);
    CHECK(redacted_arguments(text).empty());
  }
  std::string deep = "{\"a\":" + std::string(64, '[') + std::string(64, ']') + "}";
  CHECK(redacted_arguments(deep).empty());
}
