#include "domain/conversation/turn_texts.hpp"

#include "domain/prompt/text_field.hpp"

namespace persona_runtime {
namespace {

void read_turn(field_reader& in, turn_texts& out) {
  out.assume = read_prompt_text(in, "assume", {"missing"});
  out.rounds_used_up = read_prompt_text(in, "rounds_used_up");
  out.use_the_tools = read_prompt_text(in, "use_the_tools", {"tools"});
  out.continue_answer = read_prompt_text(in, "continue_answer");
  out.outcome_unknown = read_prompt_text(in, "outcome_unknown", {"tool"});
  out.not_carried_out = read_prompt_text(in, "not_carried_out", {"tool"});
  out.too_many_calls = read_prompt_text(in, "too_many_calls", {"max"});
}

void read_history(field_reader& in, turn_texts& out) {
  out.history_lead_in = read_prompt_text(in, "lead_in") + '\n';
  out.fold_instruction = read_prompt_text(in, "fold");
  out.refold_instruction = read_prompt_text(in, "refold");
  out.title_instruction = read_prompt_text(in, "title");
}

}  // namespace

boost::system::result<turn_texts, std::vector<problem>> parse_turn_texts(std::string_view yaml) {
  auto document = parse_yaml(yaml);
  if (!document)
    return std::vector{document.error()};
  const auto& root = *document->root;
  if (root.kind != yaml_kind::mapping)
    return std::vector{problem{root.line, "", "must be a mapping with turn and history"}};
  problem_list problems;
  field_reader in{root, {}, problems};
  turn_texts out;
  for (std::string_view key : {"turn", "history"}) {
    if (in.find(key) == nullptr)
      in.report(key, "is missing; it must hold the texts");
  }
  in.block("turn", [&](field_reader& inner) { read_turn(inner, out); });
  in.block("history", [&](field_reader& inner) { read_history(inner, out); });
  in.refuse_others();
  if (!problems.empty())
    return problems.take();
  return out;
}

}  // namespace persona_runtime
