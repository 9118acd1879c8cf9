#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <limits>

using namespace persona_runtime;

TEST_CASE("Results of 256 KiB pass whole, longer ones are cut with a note", "[domain][tool]") {
  auto result = tool_result{};
  result.content = std::string(tool_result_bytes_max, 'x');
  CHECK(bounded(result) == result);
  result.content += 'y';
  const auto cut = bounded(result);
  CHECK(cut.truncated);
  CHECK(cut.content.size() == tool_result_bytes_max);
  CHECK(cut.content.ends_with(
    "\n[cut: the result had 262145 bytes, of which the first 256 KiB are kept]"));
}

TEST_CASE("A cut never parts a code point", "[domain][tool]") {
  auto result = tool_result{};
  for (auto i = 0; i < 100'000; ++i)
    result.content += "\u20ac";
  const auto cut = bounded(result);
  CHECK(cut.content.size() <= tool_result_bytes_max);
  CHECK(repaired_utf8(cut.content) == cut.content);
}

TEST_CASE("Data that is too long is left out, not cut", "[domain][tool]") {
  auto result = tool_result{};
  result.data = R"({"a":")" + std::string(tool_data_bytes_max, 'x') + R"("})";
  const auto cut = bounded(result);
  CHECK(cut.data.empty());
  CHECK(cut.truncated);
  CHECK(cut.metadata.at("data_left_out") == "262152 bytes");
}

TEST_CASE("Metadata and artifacts are bounded in number", "[domain][tool]") {
  auto result = tool_result{};
  for (auto i = 0; i < 1'000; ++i)
    result.metadata["k" + std::to_string(i)] = std::string(5'000, 'v');
  result.artifacts.resize(1'000);
  const auto cut = bounded(result);
  CHECK(cut.metadata.size() == tool_metadata_count_max);
  CHECK(cut.metadata.begin()->second.size() == 1024);
  CHECK(cut.artifacts.size() == tool_artifacts_max);
}

TEST_CASE("Ill-formed bytes become replacement characters, one per maximal subpart",
          "[domain][tool]") {
  const auto r = std::string{"\xEF\xBF\xBD"};
  CHECK(repaired_utf8("plain \u00e6\u20ac\U0001F6A2") == "plain \u00e6\u20ac\U0001F6A2");
  CHECK(repaired_utf8("a\xFF"
                      "b")
        == "a" + r + "b");
  CHECK(repaired_utf8("\xE2\x82") == r);
  CHECK(repaired_utf8("\xF0\x9F\x9A"
                      "x")
        == r + "x");
  CHECK(repaired_utf8("\xC0\xAF") == r + r);
  CHECK(repaired_utf8("\xED\xA0\x80") == r + r + r);
  CHECK(repaired_utf8("\xF4\x90\x80\x80") == r + r + r + r);
}

TEST_CASE("Texts are counted and cut by code points", "[domain][tool]") {
  CHECK(character_count("\u00e6b\u20ac") == 3);
  CHECK(first_characters("\u00e6b\u20ac", 2) == "\u00e6b");
  CHECK(first_characters("\u00e6b\u20ac", 3) == "\u00e6b\u20ac");
  CHECK(first_bytes("\u00e6b", 1).empty());
  CHECK(first_bytes("\u00e6b", 2) == "\u00e6");
  CHECK(printable("a\x01\n\x7F"
                  "b",
                  120)
        == "ab");
  CHECK(printable(std::string(200, 'x'), 120).size() == 120);
}

TEST_CASE("Floats read like Python's", "[domain][tool]") {
  CHECK(float_text(0.1 + 0.2) == "0.30000000000000004");
  CHECK(float_text(5) == "5.0");
  CHECK(float_text(-0.0) == "-0.0");
  CHECK(float_text(1e15) == "1000000000000000.0");
  CHECK(float_text(1e16) == "1e+16");
  CHECK(float_text(0.0001) == "0.0001");
  CHECK(float_text(0.00001) == "1e-05");
  CHECK(float_text(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(json_text(boost::json::parse(R"({"b": [1.5, "\u0001é"], "a": null})"))
        == R"({"b":[1.5,"\u0001é"],"a":null})");
}
