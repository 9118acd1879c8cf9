// What a run is reminded of before its first step (spec runtime §16.3).

#include "domain/conversation/ambiguity.hpp"
#include "domain/prompt/reminder.hpp"
#include "domain/run/draft.hpp"

namespace persona_runtime::deciding {
namespace {

std::optional<std::uint32_t> learned_cap(autonomy level) {
  auto who = persona{};
  who.decides = level;
  return question_cap(who);
}

}  // namespace

void recall(draft& d) {
  auto what = recall_request{};
  what.scope = talk_scope(d.now.spec->persona, d.now.spec->owner, {});
  what.text = d.now.spec->task;
  d.then(recall_memory{current(d.now), std::move(what)});
}

void on_recalled(draft& d, const memory_recalled& in) {
  const auto level = effective_autonomy(autonomy::cautious, in.learned);
  if (!level)
    return end_with_error(d, d.now.step, "autonomy_invalid", level.error().detail);
  for (const auto& each : recall_counts(in.memory))
    d.note(fact::memory_recall{each.store, each.count, why_degraded(in.memory, each.store)});
  auto text =
    reminder_text(in.memory, d.now.setup->floor->content.view(), d.rules.sections, d.rules.nonce);
  auto size = message_size{};
  if (!text.empty()) {
    // The parts counted apart: at most a token or two more than both together.
    const auto own = d.rules.size_of(role::system, text);
    const auto& floor = d.now.setup->floor->size;
    size = {floor.followed + own.alone, floor.followed + own.followed};
  }
  d.note(fact::reminded{std::move(text), size, in.learned ? learned_cap(*level) : std::nullopt});
  go_on(d);
}

}  // namespace persona_runtime::deciding
