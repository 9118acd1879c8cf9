#include "tests/cases/case_prompts.hpp"

#include "tests/cases/of_tokens.hpp"

#include <stdexcept>

namespace persona_runtime::test {
namespace {

prompt_texts plain_texts(const tokenizer& counter) {
  auto texts = prompt_texts{};
  texts.floor = {"{name}, {role}.", "In {language}.", "Never:", "Facts:", "Views:", "Stay."};
  auto& run = texts.run;
  run.reasoning_nudge = of_tokens(counter, "Go", 34);
  run.strong_nudge = of_tokens(counter, "Go now", 34);
  run.invented_tool_nudge = of_tokens(counter, "Go with none", 16);
  run.truncated_call = of_tokens(counter, "Go shorter", 49);
  run.step_summary_instruction = of_tokens(counter, "Go over it", 32);
  run.partial_result_instruction = of_tokens(counter, "Go to an end", 28);
  // These stand in the recorded rows as they are.
  run.no_answer = "Please proceed with your best judgment.";
  run.step_summary_lead_in = "Earlier in this run: ";
  run.unavailable_tool = "Tool '{tool}' is not available. Available tools: {available}";
  run.unregistered_tool =
    "Tool '{tool}' failed: tool allowed but not registered [name=ghost reason=not_registered]";
  run.outcome_unknown = "Unknown outcome of {tool}.";
  run.too_many_calls = "At most {max}.";
  run.generic_question = "What should I know?";
  run.question_options = {"Yes", "No", "Let me explain"};
  auto& skills = texts.skills;
  skills.index_heading = "Available skills (use when appropriate):";
  skills.activated = "Activated skill '{skill}'.";
  skills.preamble = of_tokens(counter, "Go by it", 163);
  skills.not_approved = "Skill '{skill}' was not activated: not approved.";
  skills.cycle = "Skill '{skill}' was not activated: skill composition cycle "
                 "[requested={skill} chain={skill}].";
  skills.too_deep = "Skill '{skill}' was not activated: over {max}.";
  skills.over_budget = "Skill '{skill}" + of_tokens(counter, "' was not activated", 18);
  return texts;
}

}  // namespace

case_prompts prompts_for(const std::function<std::string(const prompt_texts&)>& floor_with,
                         const std::string& task, std::uint64_t tokens, const tokenizer& counter) {
  auto made = case_prompts{plain_texts(counter), {}};
  const auto of_task = size_of(counter, role::user, task).alone;
  auto floor = std::string{};
  for (auto words = std::string{"Work"};; words += " on") {
    made.texts.framing = words + ".";
    floor = floor_with(made.texts);
    const auto total = size_of(counter, role::system, floor).followed + of_task;
    if (total > tokens)
      throw std::runtime_error("the floor of the test takes more than the recorded one");
    if (total == tokens)
      break;
  }
  const auto& run = made.texts.run;
  const auto& skills = made.texts.skills;
  const auto no_room = skills.over_budget.substr(std::string_view{"Skill '{skill}"}.size());
  made.labels = {{"⟦floor⟧", floor},
                 {"⟦REASONING_CONTINUE_NUDGE⟧", run.reasoning_nudge},
                 {"⟦strong_nudge⟧", run.strong_nudge},
                 {"⟦HALLUCINATION_NUDGE⟧", run.invented_tool_nudge},
                 {"⟦TRUNCATED_CALL tool=echo⟧", run.truncated_call},
                 {"⟦SUMMARISE_STEPS_INSTRUCTION⟧", run.step_summary_instruction},
                 {"⟦BEST_EFFORT_SUMMARY_INSTRUCTION⟧", run.partial_result_instruction},
                 {"⟦SUBORDINATION_PREAMBLE⟧", skills.preamble},
                 {"⟦REF loop len=98 sha=b58eb687⟧", no_room}};
  return made;
}

}  // namespace persona_runtime::test
