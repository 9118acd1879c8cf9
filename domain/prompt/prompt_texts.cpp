#include "domain/prompt/prompt_texts.hpp"

#include "domain/text/utf8.hpp"
#include "domain/yaml/field_reader.hpp"

#include <algorithm>
#include <initializer_list>

namespace persona_runtime {
namespace {

using names = std::initializer_list<std::string_view>;

/// The word in the first pair of braces at or behind `at`; empty when there is none. Braces
/// around anything but a lower-case word are ordinary text.
struct found_placeholder {
  std::string_view name;
  std::size_t begin = std::string_view::npos;
};

found_placeholder next_placeholder(std::string_view text, std::size_t at) {
  while ((at = text.find('{', at)) != std::string_view::npos) {
    auto end = text.find('}', at);
    if (end == std::string_view::npos)
      break;
    auto name = text.substr(at + 1, end - at - 1);
    if (!name.empty()
        && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos)
      return {name, at};
    ++at;
  }
  return {};
}

void check_placeholders(field_reader& in, std::string_view key, std::string_view text,
                        names wanted) {
  std::vector<std::string_view> found;
  for (std::size_t at = 0;;) {
    auto next = next_placeholder(text, at);
    if (next.name.empty())
      break;
    found.push_back(next.name);
    at = next.begin + next.name.size() + 2;
  }
  for (auto name : wanted) {
    if (std::find(found.begin(), found.end(), name) == found.end())
      in.report(key, "must hold the placeholder {" + std::string{name} + '}');
  }
  for (auto name : found) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end())
      in.report(key, "nothing is known to put in for {" + std::string{name} + '}');
  }
}

std::string read_text(field_reader& in, std::string_view key, names placeholders = {}) {
  std::string text{stripped(in.required_text(key))};
  if (!text.empty())
    check_placeholders(in, key, text, placeholders);
  return text;
}

void read_floor(field_reader& in, floor_texts& out) {
  out.opener = read_text(in, "opener", {"name", "role"});
  out.language = read_text(in, "language", {"language"});
  out.prohibitions = read_text(in, "prohibitions");
  out.self_facts = read_text(in, "self_facts");
  out.worldview = read_text(in, "worldview");
  out.footer = read_text(in, "footer");
  out.episodic = read_text(in, "episodic");
  out.memory_note = read_text(in, "memory_note");
  out.client_instructions = read_text(in, "client_instructions");
  out.workspace = read_text(in, "workspace");
  out.produced_files = read_text(in, "produced_files");
  out.app_discovery = read_text(in, "app_discovery");
}

void read_skills(field_reader& in, skill_texts& out) {
  out.index_heading = read_text(in, "index_heading");
  out.activated = read_text(in, "activated", {"skill"});
  out.preamble = read_text(in, "preamble");
  out.not_approved = read_text(in, "not_approved", {"skill"});
  out.cycle = read_text(in, "cycle", {"skill"});
  out.too_deep = read_text(in, "too_deep", {"skill", "max"});
  out.over_budget = read_text(in, "over_budget", {"skill"});
}

void read_run(field_reader& in, run_texts& out) {
  out.no_answer = read_text(in, "no_answer");
  out.reasoning_nudge = read_text(in, "reasoning_nudge");
  out.strong_nudge = read_text(in, "strong_nudge");
  out.invented_tool_nudge = read_text(in, "invented_tool_nudge");
  out.step_summary_instruction = read_text(in, "step_summary_instruction");
  out.step_summary_lead_in = read_text(in, "step_summary_lead_in") + '\n';
  out.partial_result_instruction = read_text(in, "partial_result_instruction");
  out.truncated_call = read_text(in, "truncated_call", {"tool"});
  out.unavailable_tool = read_text(in, "unavailable_tool", {"tool", "available"});
  out.unregistered_tool = read_text(in, "unregistered_tool", {"tool"});
  out.outcome_unknown = read_text(in, "outcome_unknown", {"tool"});
  out.too_many_calls = read_text(in, "too_many_calls", {"max"});
  out.generic_question = read_text(in, "generic_question");
  out.question_options = in.texts("question_options");
  bool filled = std::none_of(out.question_options.begin(), out.question_options.end(),
                             [](std::string_view label) { return stripped(label).empty(); });
  if (out.question_options.size() != 3 || !filled)
    in.report("question_options", "must be a list of exactly three labels, none of them empty");
}

void read_framing(field_reader& in, prompt_texts& out) {
  out.framing = read_text(in, "framing");
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
