#include "tests/cases/case_prompts.hpp"

#include "tests/cases/label_sizes.hpp"
#include "tests/cases/of_tokens.hpp"

#include <algorithm>
#include <stdexcept>

namespace persona_runtime::test {
namespace {

/// In the form of the recorded floor, which only names its longer parts.
floor_texts sized_floor(const tokenizer& counter, label_list& parts) {
  const auto text = [&](const std::string& begin, const std::string& label) {
    parts.emplace_back("⟦" + label + "⟧", of_tokens(counter, begin, recorded_tokens(label)));
    return parts.back().second;
  };
  auto floor = floor_texts{};
  floor.opener = "You are {name}, {role}.";
  floor.prohibitions = "You must NOT:";
  floor.self_facts = "Relevant facts about yourself:";
  floor.worldview = "Your views:";
  floor.episodic = "From earlier conversations:";
  floor.memory_note = "Others said this.";
  floor.workspace = text("Files go", "FILE_WORKSPACE_CONVENTIONS");
  floor.produced_files = text("Check", "PRODUCED_FILES_VERIFICATION");
  floor.app_discovery = text("Look", "MCP_SEARCH_GUIDANCE");
  floor.footer = text("Stay", "FOOTER");
  floor.language =
    replaced(text("Reply in Norwegian", "REPLY_LANGUAGE no"), "Norwegian", "{language}");
  return floor;
}

/// A scenario may allow tools that its persona does not list: then they switch nothing on.
void drop_parts(floor_texts& floor, const std::vector<std::string>& own_tools) {
  const auto none_of = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::none_of(names, [&](std::string_view name) {
      return std::ranges::find(own_tools, name) != own_tools.end();
    });
  };
  if (none_of({"file_read", "file_write", "code_execution"}))
    floor.workspace.clear();
  if (none_of({"code_execution"}))
    floor.produced_files.clear();
  if (none_of({"mcp_search"}))
    floor.app_discovery.clear();
}

prompt_texts plain_texts(const tokenizer& counter, label_list& floor_parts) {
  auto texts = prompt_texts{};
  texts.floor = sized_floor(counter, floor_parts);
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

std::string without_memories(const std::string& floor) {
  auto out = std::string{};
  for (auto at = std::size_t{0}; at < floor.size();) {
    const auto end = std::min(floor.find("\n\n", at), floor.size());
    const auto section = floor.substr(at, end - at);
    const auto is_memory = section.starts_with("Relevant facts")
                           || section.starts_with("Your views:")
                           || section.starts_with("From earlier");
    if (!is_memory)
      out += (out.empty() ? "" : "\n\n") + section;
    at = end + 2;
  }
  return out;
}

}  // namespace

std::string recorded_floor_in(const boost::json::object& message) {
  const auto* text = message.if_contains("text");
  if (text == nullptr)
    return {};
  const auto whole = std::string{text->as_string()};
  const auto task = whole.find("\n\nTASK: ");
  if (task == std::string::npos)
    throw std::runtime_error("no task in the recorded floor");
  return without_memories(whole.substr(0, task));
}

case_prompts prompts_for(const std::function<std::string(const prompt_texts&)>& floor_with,
                         const first_request& request, const tokenizer& counter) {
  auto made = case_prompts{};
  made.texts = plain_texts(counter, made.floor_parts);
  drop_parts(made.texts.floor, request.own_tools);
  const auto of_task = size_of(counter, role::user, request.task).alone;
  auto floor = std::string{};
  for (auto words = std::string{"Work"};; words += " on") {
    made.texts.framing = words + ".";
    floor = floor_with(made.texts);
    const auto total = size_of(counter, role::system, floor).followed + of_task;
    if (total > request.tokens)
      throw std::runtime_error("the floor of the test takes more than the recorded one");
    if (total == request.tokens)
      break;
  }
  made.floor = floor;
  made.floor_parts.emplace_back("⟦AGENTIC_INSTRUCTIONS⟧", made.texts.framing);
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
