// What an operator is told about the routing of turns.

#include "tests/support/chat_world.hpp"
#include "tests/support/noted_log.hpp"

namespace persona_runtime {
namespace {

using namespace test;

struct logged_world {
  explicit logged_world(routing_rules rules) : w{options_with(std::move(rules), log)} {}

  static world_options options_with(routing_rules rules, const log_ptr& log) {
    auto options = world_options{};
    options.routing = std::move(rules);
    options.log = log;
    return options;
  }
  void turn(std::string text) {
    REQUIRE(w.say(std::move(text)).begun);
    w.model_answers(says("Yes."));
  }

  std::shared_ptr<noted_log> log = std::make_shared<noted_log>();
  chat_world w;
};

TEST_CASE("AC-UR-08 R-12 one warning a minute says that the rules had to decide",
          "[actors][conversation]") {
  auto rules = routing_rules{};
  rules.router = router_kind::unified;
  auto l = logged_world{rules};
  l.turn("Is berth 4 free?");
  l.turn("And berth 5?");
  const auto lines = l.log->saying("fell back to the rules");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].level == log_level::warning);
  CHECK(lines[0].fields.find("reason=empty_metadata") != std::string::npos);
  CHECK(lines[0].fields.find("berth") == std::string::npos);
  l.w.advance(std::chrono::seconds{61});
  l.turn("And berth 6?");
  CHECK(l.log->saying("fell back to the rules").size() == 2);
}

TEST_CASE("R-01 shadow mode writes down both decisions of every turn", "[actors][conversation]") {
  auto rules = routing_rules{};
  rules.shadows = true;
  auto l = logged_world{rules};
  l.turn("Is berth 4 free?");
  l.turn("And berth 5?");
  // Without metadata the router by score follows the rules.
  const auto lines = l.log->saying("both routers agree");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].fields.find("tier=frontier") != std::string::npos);
  CHECK(lines[1].fields.find("shadow_tier=mid") != std::string::npos);
  CHECK(lines[1].fields.find("fallback (empty_metadata)") != std::string::npos);
}

TEST_CASE("routing that goes as it should is not worth a line", "[actors][conversation]") {
  auto l = logged_world{{}};
  l.turn("Is berth 4 free?");
  for (const auto& line : l.log->lines())
    CHECK(line.component != "routing");
}

}  // namespace
}  // namespace persona_runtime
