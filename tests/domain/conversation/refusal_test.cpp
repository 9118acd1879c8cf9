#include "domain/conversation/refusal.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

using namespace persona_runtime;

namespace {

using tool_names = std::vector<std::string>;

tool_names refused_in(std::string_view text, const tool_names& available) {
  return refused_tools(text, available, reference_tables().refusals);
}

}  // namespace

TEST_CASE("LOG-07 refusals of what is offered, each once", "[domain][conversation]") {
  CHECK(refused_in("I can't run code. I really cannot execute python.", {"code_execution"})
        == tool_names{"code_execution"});
  CHECK(refused_in("I can't run code.", {"web_search"}).empty());
  CHECK(refused_in("I can't run code.", {}).empty());
  CHECK(refused_in("I can run code.", {"code_execution"}).empty());
  CHECK(refused_in("I can't help with that.", {"code_execution", "web_fetch"}).empty());
  CHECK(refused_in("", {"code_execution"}).empty());
  CHECK(refused_in("I can't run code.", {"code_execution", "code_execution"}).size() == 1);
}

TEST_CASE("LOG-07 the claim and its object stand close together in one sentence",
          "[domain][conversation]") {
  const auto apart = [](std::size_t count) {
    return "I can't" + std::string(count - 2, 'x').insert(0, " ") + " run code";
  };
  CHECK(refused_in(apart(40), {"code_execution"}).size() == 1);
  CHECK(refused_in(apart(41), {"code_execution"}).empty());
  CHECK(refused_in("I can't. Run code yourself.", {"code_execution"}).empty());
}

TEST_CASE("LOG-08 a refusal to browse is one of two tools, in the order offered",
          "[domain][conversation]") {
  CHECK(refused_in("I'm unable to access the internet.", {"web_fetch", "web_search"})
        == tool_names{"web_fetch", "web_search"});
  CHECK(refused_in("I'm unable to access the internet.", {"web_search", "web_fetch"})
        == tool_names{"web_search", "web_fetch"});
}
