#include "domain/conversation/refusal.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_tables.hpp"

using namespace persona_runtime;

namespace {

using names = std::vector<std::string>;

names refused(std::string_view text, const names& available) {
  return refused_tools(text, available, reference_tables().refusals);
}

}  // namespace

TEST_CASE("LOG-07 refusals of what is offered, each once", "[domain][conversation]") {
  CHECK(refused("I can't run code. I really cannot execute python.", {"code_execution"})
        == names{"code_execution"});
  CHECK(refused("I can't run code.", {"web_search"}).empty());
  CHECK(refused("I can't run code.", {}).empty());
  CHECK(refused("I can run code.", {"code_execution"}).empty());
  CHECK(refused("I can't help with that.", {"code_execution", "web_fetch"}).empty());
  CHECK(refused("", {"code_execution"}).empty());
  CHECK(refused("I can't run code.", {"code_execution", "code_execution"}).size() == 1);
}

TEST_CASE("LOG-07 the claim and its object stand close together in one sentence",
          "[domain][conversation]") {
  const auto apart = [](std::size_t count) {
    return "I can't" + std::string(count - 2, 'x').insert(0, " ") + " run code";
  };
  CHECK(refused(apart(40), {"code_execution"}).size() == 1);
  CHECK(refused(apart(41), {"code_execution"}).empty());
  CHECK(refused("I can't. Run code yourself.", {"code_execution"}).empty());
}

TEST_CASE("LOG-08 a refusal to browse is one of two tools, in the order offered",
          "[domain][conversation]") {
  CHECK(refused("I'm unable to access the internet.", {"web_fetch", "web_search"})
        == names{"web_fetch", "web_search"});
  CHECK(refused("I'm unable to access the internet.", {"web_search", "web_fetch"})
        == names{"web_search", "web_fetch"});
}
