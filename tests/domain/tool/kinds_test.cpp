#include "domain/tool/kinds.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <string>

using namespace persona_runtime;

TEST_CASE("TA-07 kinds and labels are those recorded", "[domain][tool]") {
  auto file = std::ifstream{PERSONA_SOURCE_DIR "/tests/cases/text/helpers.jsonl"};
  REQUIRE(file);
  auto compared = 0;
  for (auto line = std::string{}; std::getline(file, line);) {
    const auto row = boost::json::parse(line).as_object();
    if (row.at("fn") != "tool_name")
      continue;
    const auto name = std::string{row.at("in").as_string()};
    CAPTURE(name);
    CHECK(tool_kind(name) == std::string{row.at("kind").as_string()});
    CHECK(activity_kind(name) == std::string{row.at("activity_kind").as_string()});
    CHECK(activity_label(name) == std::string{row.at("label").as_string()});
    ++compared;
  }
  CHECK(compared == 12);
}

TEST_CASE("TA-07 an image that is made is called so", "[domain][tool]") {
  CHECK(activity_label("generate_image") == "Creating an image");
}

TEST_CASE("TA-07 servers of ours are built in, all others optional", "[domain][tool]") {
  CHECK(tool_kind("mcp:time:x") == "mcp:builtin");
  CHECK(tool_kind("mcp:weather:x") == "mcp:optional");
  CHECK(tool_kind("nobody_knows") == "builtin");
}
