#include "domain/prompt/prompt_texts.hpp"

#include "domain/prompt/text_field.hpp"
#include "domain/text/utf8.hpp"
#include "domain/yaml/field_reader.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

void read_floor(field_reader& in, floor_texts& out) {
  out.opener = read_prompt_text(in, "opener", {"name", "role"});
  out.language = read_prompt_text(in, "language", {"language"});
  out.prohibitions = read_prompt_text(in, "prohibitions");
  out.self_facts = read_prompt_text(in, "self_facts");
  out.worldview = read_prompt_text(in, "worldview");
  out.footer = read_prompt_text(in, "footer");
  out.episodic = read_prompt_text(in, "episodic");
  out.memory_note = read_prompt_text(in, "memory_note");
  out.client_instructions = read_prompt_text(in, "client_instructions");
  out.workspace = read_prompt_text(in, "workspace");
  out.produced_files = read_prompt_text(in, "produced_files");
  out.app_discovery = read_prompt_text(in, "app_discovery");
}

void read_skills(field_reader& in, skill_texts& out) {
  out.index_heading = read_prompt_text(in, "index_heading");
  out.activated = read_prompt_text(in, "activated", {"skill"});
  out.preamble = read_prompt_text(in, "preamble");
  out.not_approved = read_prompt_text(in, "not_approved", {"skill"});
  out.cycle = read_prompt_text(in, "cycle", {"skill"});
  out.too_deep = read_prompt_text(in, "too_deep", {"skill", "max"});
  out.over_budget = read_prompt_text(in, "over_budget", {"skill"});
}

void read_run(field_reader& in, run_texts& out) {
  out.no_answer = read_prompt_text(in, "no_answer");
  out.reasoning_nudge = read_prompt_text(in, "reasoning_nudge");
  out.strong_nudge = read_prompt_text(in, "strong_nudge");
  out.invented_tool_nudge = read_prompt_text(in, "invented_tool_nudge");
  out.step_summary_instruction = read_prompt_text(in, "step_summary_instruction");
  out.step_summary_lead_in = read_prompt_text(in, "step_summary_lead_in") + '\n';
  out.partial_result_instruction = read_prompt_text(in, "partial_result_instruction");
  out.truncated_call = read_prompt_text(in, "truncated_call", {"tool"});
  out.unavailable_tool = read_prompt_text(in, "unavailable_tool", {"tool", "available"});
  out.unregistered_tool = read_prompt_text(in, "unregistered_tool", {"tool"});
  out.outcome_unknown = read_prompt_text(in, "outcome_unknown", {"tool"});
  out.too_many_calls = read_prompt_text(in, "too_many_calls", {"max"});
  out.generic_question = read_prompt_text(in, "generic_question");
  out.question_options = in.texts("question_options");
  bool filled = std::none_of(out.question_options.begin(), out.question_options.end(),
                             [](std::string_view label) { return stripped(label).empty(); });
  if (out.question_options.size() != 3 || !filled)
    in.report("question_options", "must be a list of exactly three labels, none of them empty");
}

void read_framing(field_reader& in, prompt_texts& out) {
  out.framing = read_prompt_text(in, "framing");
  for (std::string_view marker : {"[ASK_USER]", "[FINAL]"}) {
    if (out.framing.find(marker) == std::string::npos)
      in.report("framing", "must tell the model about " + std::string{marker});
  }
}

}  // namespace

boost::system::result<prompt_texts, std::vector<problem>>
parse_prompt_texts(std::string_view yaml) {
  auto document = parse_yaml(yaml);
  if (!document)
    return std::vector{document.error()};
  const auto& root = *document->root;
  if (root.kind != yaml_kind::mapping)
    return std::vector{
      problem{root.line, "", "must be a mapping with floor, skills, framing and run"}};
  problem_list problems;
  field_reader in{root, {}, problems};
  prompt_texts out;
  for (std::string_view key : {"floor", "skills", "run"}) {
    if (in.find(key) == nullptr)
      in.report(key, "is missing; it must hold the texts");
  }
  in.block("floor", [&](field_reader& inner) { read_floor(inner, out.floor); });
  in.block("skills", [&](field_reader& inner) { read_skills(inner, out.skills); });
  out.summary_instruction = read_prompt_text(in, "summary_instruction", {"words"});
  read_framing(in, out);
  in.block("run", [&](field_reader& inner) { read_run(inner, out.run); });
  in.refuse_others();
  if (!problems.empty())
    return problems.take();
  return out;
}

std::string with_values(std::string_view text, std::initializer_list<placeholder> values) {
  std::string out;
  for (std::size_t at = 0;;) {
    auto next = next_placeholder(text, at);
    if (next.name.empty()) {
      out += text.substr(at);
      return out;
    }
    auto end = next.begin + next.name.size() + 2;
    auto known = std::find_if(values.begin(), values.end(),
                              [&](const placeholder& p) { return p.name == next.name; });
    out += text.substr(at, next.begin - at);
    out += known == values.end() ? text.substr(next.begin, end - next.begin) : known->value;
    at = end;
  }
}

}  // namespace persona_runtime
