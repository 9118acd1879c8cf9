// Completions without actors: what is kept between requests, and what a turn is made of.

#include "domain/conversation/completion_frame.hpp"
#include "domain/conversation/kept_rounds.hpp"
#include "domain/tool/told_fact.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

message_ptr one(role from, std::string text, std::vector<tool_call> calls = {}) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{std::move(text)};
  m.calls = std::move(calls);
  return std::make_shared<const message>(std::move(m));
}

tool_definition client_tool(std::string name) {
  auto tool = tool_definition{};
  tool.name = std::move(name);
  return tool;
}

struct framing {
  turn_driver driver{};
  completion_request what{};

  result<turn_frame_ptr> frame() {
    auto counted = counted_completion{what.messages};
    while (count_some(counted, what, driver.rules, 1)) {
    }
    return make_completion_frame(*driver.frame->setup, driver.frame->spec, what, std::move(counted),
                                 "0f", driver.rules);
  }
};

}  // namespace

TEST_CASE("a completion's history is what the client sends, its system messages in an envelope",
          "[domain][completion]") {
  auto f = framing{};
  f.what.messages = {
    one(role::system, "Be brief."), one(role::user, "One?"),
    one(role::assistant, "Yes."),   one(role::system, "In English."),
    one(role::user, "Two?"),        one(role::assistant, "", {{"look", "{}", "call_1", false}}),
    one(role::tool, "three")};
  const auto frame = f.frame().value();
  REQUIRE(frame->history.size() == 2);
  CHECK(frame->history[0].message->content.view() == "One?");
  CHECK(frame->history[0].message->size.alone > 0);
  CHECK(frame->user.message->content.view() == "Two?");
  REQUIRE(frame->follow.size() == 2);
  CHECK(frame->follow_tokens == 5 + 2);  // "three", and the arguments of the call
  const auto text = frame->client_instructions.text.str();
  CHECK(text.find("<<<client-instructions nonce=0f") != std::string::npos);
  CHECK(text.find("Be brief.\n\nIn English.") != std::string::npos);
  CHECK(frame->keeps_nothing);
  CHECK(last_user_text(f.what) == "Two?");
}

TEST_CASE("without system messages there is no envelope, without a user's message no turn",
          "[domain][completion]") {
  auto f = framing{};
  f.what.messages = {one(role::user, "One?")};
  CHECK(f.frame().value()->client_instructions.empty());
  f.what.messages = {one(role::assistant, "Yes.")};
  REQUIRE(f.frame().has_error());
  CHECK(f.frame().error().code == errc::validation_error);
}

TEST_CASE("the client's tools stand beside the persona's, but not under the same name",
          "[domain][completion]") {
  auto f = framing{};
  f.what.messages = {one(role::user, "One?")};
  f.what.tools = {client_tool("look")};
  const auto frame = f.frame().value();
  CHECK(frame->setup->tools.find("look") != nullptr);
  CHECK(frame->setup->tools.names().size() == f.driver.frame->setup->tools.names().size() + 1);
  CHECK(frame->setup->schema_tokens > f.driver.frame->setup->schema_tokens);
  CHECK(frame->client_tools == std::set<std::string>{"look"});
  f.what.tools = {client_tool(f.driver.frame->setup->tools.names().front())};
  CHECK(f.frame().error().code == errc::validation_error);
}

TEST_CASE("tools that keep facts are not offered where nothing is kept", "[domain][completion]") {
  auto options = turn_options{};
  options.tools.push_back(remember_definition());
  options.tools.push_back(forget_definition());
  auto f = framing{turn_driver{options}};
  REQUIRE(f.driver.frame->setup->tools.find(remember_name) != nullptr);
  f.what.messages = {one(role::user, "One?")};
  const auto frame = f.frame().value();
  CHECK(frame->setup->tools.find(remember_name) == nullptr);
  CHECK(frame->setup->tools.find(forget_name) == nullptr);
}

TEST_CASE("kept rounds are found for an hour, and the oldest make room", "[domain][completion]") {
  auto limits = kept_rounds_limits{};
  limits.entries_max = 2;
  limits.age_max_ms = 1'000;
  auto kept = kept_rounds{limits};
  kept.keep("a", {one(role::assistant, "1")}, {0});
  kept.keep("b", {one(role::assistant, "2")}, {500});
  kept.keep("none", {}, {500});
  CHECK(kept.size() == 2);
  REQUIRE(kept.find("a", {999}) != nullptr);
  CHECK(kept.find("a", {999})->front()->content.view() == "1");
  kept.keep("c", {one(role::assistant, "3")}, {999});
  CHECK(kept.find("a", {999}) == nullptr);
  CHECK(kept.find("b", {1'499}) != nullptr);
  CHECK(kept.find("b", {1'500}) == nullptr);
  CHECK(kept.size() == 1);
}

TEST_CASE("kept rounds are bounded by their bytes", "[domain][completion]") {
  auto limits = kept_rounds_limits{};
  limits.bytes_max = 2 * sizeof(message) + 100;
  auto kept = kept_rounds{limits};
  kept.keep("huge", {one(role::tool, std::string(4'000, 'x'))}, {0});
  CHECK(kept.size() == 0);
  kept.keep("a", {one(role::tool, std::string(60, 'x'))}, {0});
  kept.keep("b", {one(role::tool, std::string(40, 'x'))}, {0});
  CHECK(kept.size() == 2);
  kept.keep("c", {one(role::tool, std::string(60, 'x'))}, {0});
  CHECK(kept.size() == 2);
  CHECK(kept.find("a", {0}) == nullptr);
  CHECK(kept.bytes() <= limits.bytes_max);
}
