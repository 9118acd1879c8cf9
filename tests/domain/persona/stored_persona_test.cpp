// What happens to documents that are stored: a tool is granted, a file keeps its id.

#include "domain/persona/file_persona.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/persona/tool_grant.hpp"
#include "tests/domain/persona/valid_persona.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

const auto clerk = std::string{"# our clerk\nidentity:\n  name: Odd\n  role: clerk\n"
                               "  background: Keeps the berths.\n"};

std::string granted(const std::string& text, std::string_view tool) {
  return with_tool(text, *valid_persona(text), tool);
}

using tool_names = std::vector<std::string>;

}  // namespace

TEST_CASE("a granted tool goes into the list in its author's layout", "[domain][persona]") {
  CHECK(granted(clerk + "tools: [calculator] # for fees\n", "datetime")
        == clerk + "tools: [\"datetime\", calculator] # for fees\n");
  CHECK(granted(clerk + "tools: []\n", "datetime") == clerk + "tools: [\"datetime\"]\n");
  CHECK(granted(clerk + "tools:\n  # for fees\n  - calculator\nautonomy: decisive\n", "datetime")
        == clerk
             + "tools:\n  # for fees\n  - \"datetime\"\n  - calculator\n"
               "autonomy: decisive\n");
}

TEST_CASE("a document without a list of tools gets one", "[domain][persona]") {
  const auto text = granted(clerk, "mcp:time");
  CHECK(valid_persona(text)->tools == tool_names{"mcp:time"});
  CHECK(text.find("# our clerk") != std::string::npos);
}

TEST_CASE("a tool that the persona may use already changes nothing", "[domain][persona]") {
  for (const auto* list : {"tools: [datetime]\n", "tools: [\"*\"]\n"}) {
    CAPTURE(list);
    CHECK(granted(clerk + list, "datetime") == clerk + list);
  }
  CHECK(granted(clerk + "tools: [\"mcp:time\"]\n", "mcp:time:now")
        == clerk + "tools: [\"mcp:time\"]\n");
}

TEST_CASE("where the list is an alias the document is written anew", "[domain][persona]") {
  const auto text = "identity:\n  name: Odd\n  role: clerk\n  background: B.\n"
                    "  constraints: &both [calculator]\ntools: *both\n";
  const auto out = valid_persona(granted(text, "datetime"));
  CHECK(out->tools == tool_names{"datetime", "calculator"});
  CHECK(out->identity.constraints == tool_names{"calculator"});
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
