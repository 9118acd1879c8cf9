// What happens to documents that are stored: a tool is granted, a file keeps its id.

#include "domain/persona/file_persona.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/persona/tool_grant.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

const auto head = std::string{"# our clerk\nidentity:\n  name: Odd\n  role: clerk\n"
                              "  background: Keeps the berths.\n"};

persona read(std::string_view text) {
  const auto parsed = parse_persona(text);
  REQUIRE(parsed.has_value());
  return *parsed->value;
}

std::string granted(const std::string& text, std::string_view tool) {
  return with_tool(text, read(text), tool);
}

using tool_names = std::vector<std::string>;

}  // namespace

TEST_CASE("a granted tool goes into the list in its author's layout", "[domain][persona]") {
  CHECK(granted(head + "tools: [calculator] # for fees\n", "datetime")
        == head + "tools: [\"datetime\", calculator] # for fees\n");
  CHECK(granted(head + "tools: []\n", "datetime") == head + "tools: [\"datetime\"]\n");
  CHECK(granted(head + "tools:\n  # for fees\n  - calculator\nautonomy: decisive\n", "datetime")
        == head
             + "tools:\n  # for fees\n  - \"datetime\"\n  - calculator\n"
               "autonomy: decisive\n");
}

TEST_CASE("a document without a list of tools gets one", "[domain][persona]") {
  const auto text = granted(head, "mcp:time");
  CHECK(read(text).tools == tool_names{"mcp:time"});
  CHECK(text.find("# our clerk") != std::string::npos);
}

TEST_CASE("a tool that the persona may use already changes nothing", "[domain][persona]") {
  for (const auto* list : {"tools: [datetime]\n", "tools: [\"*\"]\n"}) {
    CAPTURE(list);
    CHECK(granted(head + list, "datetime") == head + list);
  }
  CHECK(granted(head + "tools: [\"mcp:time\"]\n", "mcp:time:now")
        == head + "tools: [\"mcp:time\"]\n");
}

TEST_CASE("where the list is an alias the document is written anew", "[domain][persona]") {
  const auto text = "identity:\n  name: Odd\n  role: clerk\n  background: B.\n"
                    "  constraints: &both [calculator]\ntools: *both\n";
  const auto out = read(granted(text, "datetime"));
  CHECK(out.tools == tool_names{"datetime", "calculator"});
  CHECK(out.identity.constraints == tool_names{"calculator"});
}

TEST_CASE("the id of a persona in a file is made of owner and name", "[domain][persona]") {
  const auto id = id_of_file_persona({"local-owner"}, "harbour_master");
  CHECK(id == id_of_file_persona({"local-owner"}, "harbour_master"));
  CHECK(id.value.size() == 8 + 26);
  CHECK(id.value.starts_with("persona_"));
  CHECK(id != id_of_file_persona({"local-owner"}, "harbour_maste"));
  CHECK(id != id_of_file_persona({"other"}, "harbour_master"));
  CHECK(id_of_file_persona({"ab"}, "c") != id_of_file_persona({"a"}, "bc"));
}
