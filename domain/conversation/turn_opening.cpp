// How a turn begins: what it is reminded of, and whether it asks back.

#include "domain/conversation/turn_draft.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/prompt/reminder.hpp"

#include <algorithm>

namespace persona_runtime {
namespace turning {
namespace {

void show_recall(turn_draft& d, const recalled_memory& memory) {
  for (const auto& each : recall_counts(memory))
    d.note(turn_fact::memory_recall{each.store, each.count, why_degraded(memory, each.store)});
}

std::vector<memory_line> lines_of(const std::vector<memory_chunk>& chunks) {
  auto lines = std::vector<memory_line>{};
  lines.reserve(chunks.size());
  for (const auto& chunk : chunks) {
    auto line = memory_line{shared_text{chunk.text}};
    if (const auto tag = chunk.metadata.find("epistemic"); tag != chunk.metadata.end())
      line.tag = tag->second;
    line.by_author = chunk.provenance && chunk.provenance->source == memory_source::user;
    lines.push_back(std::move(line));
  }
  return lines;
}

void remember(turn_draft& d, const recalled_memory& memory) {
  const auto found = retrieved_memory{lines_of(memory.self_facts), lines_of(memory.worldview),
                                      lines_of(memory.episodic)};
  d.now.desk.memory =
    make_memory_sections(found, d.rules.sections, d.now.desk.frame->nonce, d.rules.count);
}

void ask(turn_draft& d, const question_form& form) {
  d.note(turn_fact::asking{form});
  d.note(turn_fact::chunk{form.question});
  d.note(turn_fact::done{"frontier", {}, d.now.spec->question, d.now.spec->answer});
  end(d, message_status::complete);
}

void assume(turn_draft& d, const ambiguity_signal& signal) {
  say(d, with_values(d.rules.texts->assume, {{"missing", signal.missing_element}}));
}

}  // namespace

void on_recalled(turn_draft& d, const memory_recalled& in) {
  const auto& frame = *d.now.desk.frame;
  const auto& who = *frame.setup->who;
  const auto level = effective_autonomy(who.decides, in.learned);
  if (!level)
    return end_with_error(d, "autonomy_invalid", level.error().detail);
  const auto unclear =
    frame.keeps_nothing
      ? clarification{}
      : decide_clarification(d.now.spec->text, *frame.talk, *level, who.identity.language_default,
                             d.rules.tables->ambiguity);
  if (unclear.kind == clarification_kind::ask)
    return ask(d, unclear.question);
  show_recall(d, in.memory);
  remember(d, in.memory);
  if (unclear.kind == clarification_kind::assume)
    assume(d, *unclear.signal);
  choose_tier(d);
}

}  // namespace turning

std::uint64_t history_before(const turn_frame& frame) {
  // What is folded is more than any rule asks for.
  return frame.summary.message == nullptr ? frame.history.size() : frame.spec->messages_before;
}

turn_frame_ptr make_turn_frame(turn_setup_ptr setup, turn_spec_ptr spec,
                               std::shared_ptr<const conversation> talk, turn_extras extras,
                               const turn_rules& rules) {
  auto frame = std::make_shared<turn_frame>();
  for (auto& m : prompt_history(*talk, rules.texts->history_lead_in, rules.size_of)) {
    if (m->kind == message_kind::history_summary)
      frame->summary = make_item(std::move(m), rules.count);
    else
      frame->history.push_back(make_item(std::move(m), rules.count));
  }
  auto user = message{};
  user.from = role::user;
  user.content = shared_text{spec->text};
  user.images = spec->images;
  user.size = rules.size_of(role::user, spec->text);
  frame->user = make_item(std::make_shared<const message>(std::move(user)), rules.count);
  frame->shown_episodes = std::move(extras.shown_episodes);
  frame->nonce = std::move(extras.nonce);
  frame->approved_skills = std::move(extras.approved_skills);
  frame->wishes = std::move(extras.wishes);
  frame->spent = extras.spent;
  frame->setup = std::move(setup);
  frame->spec = std::move(spec);
  frame->talk = std::move(talk);
  return frame;
}

}  // namespace persona_runtime
