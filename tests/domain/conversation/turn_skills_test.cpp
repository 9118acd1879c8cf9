// Skills within a turn (spec runtime §7).

#include "domain/skill/use_skill.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/turn_driver.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

skill_ptr a_skill(std::string name, skill_trust trust = skill_trust::builtin,
                  std::size_t length = 20) {
  auto s = skill{};
  s.description = "How to " + name + ".";
  s.content = shared_text{"BODY OF " + name + " " + times(length, "x")};
  s.content_tokens = static_cast<std::uint32_t>(s.content.size());
  s.alone = {s.content, s.content_tokens, true};
  s.content_hash = "hash of " + name;
  s.name = std::move(name);
  s.trust = trust;
  return std::make_shared<const skill>(std::move(s));
}

turn_driver with_skills(skill_list skills, std::set<std::string> approved = {}) {
  auto options = turn_options{};
  options.skills = std::move(skills);
  options.approved_skills = std::move(approved);
  options.tools.push_back(use_skill_definition());
  return turn_driver{std::move(options)};
}

tool_call use(const std::string& name, std::string id = "s") {
  return wants("use_skill", std::move(id), R"({"skill_name":")" + name + "\"}");
}

std::string system_text(const turn_driver& t) {
  return t.request().context.front()->content.str();
}

}  // namespace

TEST_CASE("SKILL-01 a skill that is used stands in the next prompt", "[domain][skill]") {
  auto t = with_skills({a_skill("mooring")});
  t.model_calls({use("mooring")});
  CHECK(t.open_tools.empty());  // no tool is started for it
  REQUIRE(t.sent.size() == 2);
  CHECK(system_text(t).find("BODY OF mooring") != std::string::npos);
  CHECK_FALSE(t.last<fact::tool_result>().is_error);
  t.model_says("Done.");
  CHECK(t.log().skill_used == "mooring");
  REQUIRE(t.log().skills_invoked.size() == 1);
  CHECK(t.log().skills_invoked[0].content_tokens > 0);
  CHECK(t.log().tool_calls == 1);
}

TEST_CASE("SKILL-02 three skills deep, no cycle", "[domain][skill]") {
  auto t = with_skills({a_skill("a"), a_skill("b"), a_skill("c"), a_skill("d")});
  t.model_calls({use("a", "1"), use("b", "2"), use("a", "3"), use("c", "4"), use("d", "5")});
  t.model_says("Done.");
  const auto log = t.log();
  REQUIRE(log.skills_invoked.size() == 3);
  CHECK(log.skill_used == "a");
  CHECK(t.count("noted") == 2);  // a cycle, and one too deep
  CHECK(t.state.status == message_status::complete);
}

TEST_CASE("SKILL-03 a second skill over the shared budget is left out whole", "[domain][skill]") {
  auto t = with_skills({a_skill("a"), a_skill("huge", skill_trust::builtin, 5'000)});
  t.model_calls({use("a", "1"), use("huge", "2")});
  CHECK(system_text(t).find("BODY OF huge") == std::string::npos);
  t.model_says("Done.");
  CHECK(t.log().skill_budget_exceeded);
  CHECK(t.log().skills_invoked.size() == 1);
}

TEST_CASE("SKILL-04 parameters are kept in the log", "[domain][skill]") {
  auto t = with_skills({a_skill("a")});
  t.model_calls({wants("use_skill", "s", R"({"skill_name":"a","parameters":{"k":"v"}})")});
  t.model_says("Done.");
  REQUIRE(t.log().skills_invoked.size() == 1);
  CHECK(t.log().skills_invoked[0].parameters == R"({"k":"v"})");
}

TEST_CASE("SKILL-05 a stranger's skill needs consent", "[domain][skill]") {
  auto refused = with_skills({a_skill("odd", skill_trust::third_party)});
  refused.model_calls({use("odd")});
  CHECK(system_text(refused).find("BODY OF odd") == std::string::npos);
  CHECK(refused.count("noted") == 1);
  auto granted = with_skills({a_skill("odd", skill_trust::third_party)}, {"hash of odd"});
  granted.model_calls({use("odd")});
  CHECK(system_text(granted).find("BODY OF odd") != std::string::npos);
}

TEST_CASE("an unknown skill is an error result", "[domain][skill]") {
  auto t = with_skills({a_skill("a")});
  t.model_calls({use("zzz")});
  CHECK(t.last<fact::tool_result>().is_error);
  CHECK(t.sent.size() == 2);
}

TEST_CASE("notes about skills stand behind all results of the round", "[domain][skill]") {
  auto t = with_skills({a_skill("odd", skill_trust::third_party)});
  t.model_calls({use("odd", "1"), wants("search", "2")});
  t.tool_returns(1, "found");
  const auto prompt = t.prompt();
  REQUIRE(prompt.size() == 5);
  CHECK(prompt[3] == "tool: found");
  CHECK(prompt[4].starts_with("user: "));
}
