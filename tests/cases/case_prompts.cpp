#include "tests/cases/case_prompts.hpp"

#include "domain/prompt/floor.hpp"

#include <stdexcept>

namespace persona_runtime::test {
namespace {

/// `begin` with so many more words that it takes that many tokens.
std::string of_tokens(const tokenizer& counter, const std::string& begin, std::size_t tokens) {
  auto words = begin;
  while (counter.count(words + ".") < tokens)
    words += " on";
  if (counter.count(words + ".") != tokens)
    throw std::runtime_error("no text of that many tokens: " + begin);
  return words + ".";
}

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
  return texts;
}

}  // namespace

case_prompts prompts_for(const persona& who, const std::string& task, std::uint64_t tokens,
                         const tokenizer& counter) {
  auto made = case_prompts{plain_texts(counter), {}};
  const auto of_task = size_of(counter, role::user, task).alone;
  auto floor = std::string{};
  for (auto words = std::string{"Work"};; words += " on") {
    made.texts.framing = words + ".";
    floor = floor_of(who, made.texts);
    const auto total = size_of(counter, role::system, floor).followed + of_task;
    if (total > tokens)
      throw std::runtime_error("the floor of the test takes more than the recorded one");
    if (total == tokens)
      break;
  }
  const auto& run = made.texts.run;
  made.labels = {{"⟦floor⟧", floor},
                 {"⟦REASONING_CONTINUE_NUDGE⟧", run.reasoning_nudge},
                 {"⟦strong_nudge⟧", run.strong_nudge},
                 {"⟦HALLUCINATION_NUDGE⟧", run.invented_tool_nudge},
                 {"⟦TRUNCATED_CALL tool=echo⟧", run.truncated_call},
                 {"⟦SUMMARISE_STEPS_INSTRUCTION⟧", run.step_summary_instruction},
                 {"⟦BEST_EFFORT_SUMMARY_INSTRUCTION⟧", run.partial_result_instruction}};
  return made;
}

}  // namespace persona_runtime::test
