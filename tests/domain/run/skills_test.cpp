// Skills in a run: what use_skill answers, and what the model reads of them.

#include "domain/skill/use_skill.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_driver.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::test;
using Catch::Matchers::Contains;

namespace {

skill_ptr skill_named(std::string name, std::uint32_t tokens = 10,
                      skill_trust trust = skill_trust::builtin) {
  auto s = skill{};
  s.name = std::move(name);
  s.content = shared_text{"HOW TO " + s.name};
  s.content_tokens = tokens;
  s.alone = {s.content, tokens, true};
  s.trust = trust;
  return std::make_shared<const skill>(std::move(s));
}

driver_options with_skills(skill_list skills) {
  auto options = driver_options{};
  auto& setup = options.setup;
  setup.skills = std::move(skills);
  setup.tools.push_back(use_skill_definition());
  std::ranges::sort(setup.tools, {}, &tool_definition::name);
  setup.allowed.emplace_back(use_skill_name);
  std::ranges::sort(setup.allowed);
  setup.about_skills = {"",
                        "{skill} IS ACTIVE",
                        "PREAMBLE",
                        "{skill}: NOT APPROVED",
                        "{skill}: CYCLE",
                        "{skill}: OVER {max}",
                        "{skill}: NO ROOM"};
  return options;
}

tool_call use(const std::string& name, std::string call_id = "c1") {
  return wants("use_skill", std::move(call_id), R"({"skill_name":")" + name + "\"}");
}

std::string active(const std::string& name) {
  return name + " IS ACTIVE\n\nPREAMBLE\n\n<<<skill-guidance nonce=c0ffee tier=builtin>>>\nHOW TO "
         + name + "\n<<<end skill-guidance nonce=c0ffee>>>";
}

}  // namespace

TEST_CASE("AGT-16 the next request holds the skill behind all results of the step",
          "[domain][run][skill]") {
  auto run = run_driver{with_skills({skill_named("knots"), skill_named("charts")})};
  run.model_calls({use("knots"), wants("search", "c2"), use("charts", "c3")});
  CHECK(run.open_tools.size() == 1);  // nobody is asked to carry out use_skill
  run.tool_returns(1, "found");
  const auto texts = run.texts();
  REQUIRE(texts.size() == 8);
  CHECK(texts[3] == "Activating skill: knots");
  CHECK(texts[4] == "found");
  CHECK(texts[5] == "Activating skill: charts");
  CHECK(texts[6] == active("knots"));
  CHECK(texts[7] == active("charts"));
  CHECK(run.request().context.back()->from == role::user);  // D-6
  CHECK(run.count("skill_asked") == 2);
  CHECK(differences(run.state, run.replayed()).empty());
}

TEST_CASE("AGT-16 a step that only activates a skill is a tool step", "[domain][run][skill]") {
  auto run = run_driver{with_skills({skill_named("knots")})};
  run.model_calls({use("knots")});
  CHECK(run.state.last_step == step_end::tool_call);
  run.model_says("[FINAL] done");
  CHECK(run.state.status == run_status::completed);
  CHECK(run.events()
        == std::vector<std::string>{"started", "thinking", "tool_calling", "activity_start",
                                    "activity_end", "tool_result", "thinking", "completed",
                                    "finished"});
}

TEST_CASE("SKILL-02 a cycle and a fourth skill are refused, and the run goes on",
          "[domain][run][skill]") {
  auto run = run_driver{
    with_skills({skill_named("a"), skill_named("b"), skill_named("c"), skill_named("d")})};
  for (const auto* name : {"a", "b", "a", "c", "d"})
    run.model_calls({use(name)});
  const auto texts = run.texts();
  CHECK(std::ranges::count(texts, "a: CYCLE") == 1);
  CHECK(texts.back() == "d: OVER 3");
  CHECK(run.state.skills.names == std::vector<std::string>{"a", "b", "c"});
  run.model_says("[FINAL] done");
  CHECK(run.state.status == run_status::completed);
}

TEST_CASE("SKILL-03 a skill that does not fit beside the others is left out",
          "[domain][run][skill]") {
  auto run = run_driver{with_skills({skill_named("a", 1'500), skill_named("b", 600)})};
  run.model_calls({use("a"), use("b", "c2")});
  CHECK(run.texts().back() == "b: NO ROOM");
  CHECK(run.state.skills.budget_exceeded);
  CHECK(differences(run.state, run.replayed()).empty());
}

TEST_CASE("SKILL-05 SK-14 a stranger's skill needs approval", "[domain][run][skill]") {
  auto options = with_skills({skill_named("knots", 10, skill_trust::third_party)});
  auto denied = run_driver{options};
  denied.model_calls({use("knots")});
  CHECK(denied.texts().back() == "knots: NOT APPROVED");
  CHECK(denied.state.skills == skill_chain{});
  options.setup.skills_approved = {"knots"};
  auto granted = run_driver{options};
  granted.model_calls({use("knots")});
  CHECK_THAT(granted.texts().back(), Contains("tier=third_party>>>\nHOW TO knots"));
}

TEST_CASE("a skill that does not exist is an error result, and no invented tool",
          "[domain][run][skill]") {
  auto run = run_driver{with_skills({skill_named("knots")})};
  for (auto i = 0; i < 2; ++i)
    run.model_calls({use("splices")});
  CHECK_THAT(run.texts().back(), Contains("splices") && Contains("knots"));
  CHECK(run.count("skill_asked") == 0);
  CHECK(std::ranges::count(run.texts(), "NO SUCH TOOL") == 0);
}

TEST_CASE("without skills use_skill is a tool like any other that is not there",
          "[domain][run][skill]") {
  auto run = run_driver{};
  run.model_calls({use("knots")});
  CHECK_THAT(run.texts().back(), Contains("use_skill is not there"));
}

TEST_CASE("skills survive a restart between their step and the next", "[domain][run][skill]") {
  const auto options = with_skills({skill_named("knots"), skill_named("charts")});
  auto before = run_driver{options};
  before.model_calls({use("knots"), wants("search", "c2")});
  auto after = run_driver{options, before.records, resume_reason::restart};
  after.tool_returns(1, "found");
  CHECK(after.texts().back() == active("knots"));
  after.model_calls({use("knots")});
  CHECK(after.texts().back() == "knots: CYCLE");
}
