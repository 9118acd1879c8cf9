// The model call behind a call of text_summarize (persona-tools §13.13): reserved, settled and
// cancelled like a step's, so that no budget is passed by it. What fails is the tool's error.

#include "domain/run/attempt_facts.hpp"
#include "domain/run/draft.hpp"
#include "domain/run/summary_call.hpp"
#include "domain/tool/result_bounds.hpp"

#include <utility>

namespace persona_runtime::deciding {
namespace {

const model_entry* summary_model(const draft& d) {
  return d.rules.tiers->model_at(summary_tier, d.now.walk.member);
}

summary_call call_under_way(const draft& d) {
  return {d.now.calls[d.now.summarising->value].call.arguments, d.rules.summary_instruction};
}

void ask_for_grant(draft& d) {
  if (const auto* tier = d.rules.tiers->resolve(summary_tier))
    stand_at(d.now.walk, first_up(*tier, {}, d.now.walk.member, d.rules.is_up));
  auto request = call_under_way(d).budget(*summary_model(d), d.rules.size_of);
  d.then(reserve_step{current(d.now), std::move(request), d.now.spent});
}

void call_for_summary(draft& d, std::chrono::milliseconds delay) {
  auto request =
    call_under_way(d).request(d.now.walk, d.now.spec->owner, d.now.reply_tokens_max, delay);
  d.then(call_model{current(d.now), std::move(request)});
}

void finish(draft& d, tool_result result) {
  const auto index = *std::exchange(d.now.summarising, std::nullopt);
  auto answer = tool_replied{};
  answer.index = index;
  answer.size = d.rules.size_of(role::tool, result.content);
  answer.result = std::move(result);
  show_end(d, index, answer.result);
  note_result(d, index, answer);
  d.now.phase == run_phase::tools ? start_tools(d) : go_on(d);
}

void fail(draft& d, std::string why) {
  finish(d, error_result(std::move(why)));
}

}  // namespace

void begin_summary(draft& d, call_index index) {
  d.now.summarising = index;
  if (summary_model(d) == nullptr)
    return fail(d, "text_summarize needs a model, and none is configured.");
  ask_for_grant(d);
}

void begin_summary_call(draft& d, const step_granted& grant) {
  d.note(reservation_of(grant, d.now.attempt, summary_model(d)));
  call_for_summary(d, std::exchange(d.now.delay, {}));
}

void on_summary_refused(draft& d, const step_refused& in) {
  fail(d, "Not summarised: it could exceed the run's " + std::string{name_of(in.why.kind)}
            + " limit. Send a shorter text, or go on without it.");
}

void on_summary_reply(draft& d, const model_replied& in) {
  d.note(settled_by(in));
  finish(d, summary_result(call_under_way(d).wish(), in.reply.text));
}

void on_summary_lost(draft& d, const model_failed& in) {
  if (in.next && in.next->fell_over)
    d.note(fact::fell_over{d.now.step, std::string{summary_tier}, in.model, in.next->to,
                           std::string{class_name(in.error.kind)}, in.error.status});
  if (in.next && !in.next->fell_over && !in.error.output_begun) {
    d.note(retried_at(in.next->walk, in));
    return call_for_summary(d, in.next->delay);
  }
  d.note(settled_by(in));
  if (!in.next)
    return fail(d, "Not summarised: " + std::string{class_name(in.error.kind)} + " of " + in.model
                     + '.');
  d.note(retried_at(in.next->walk, in));
  d.now.delay = in.next->delay;
  ask_for_grant(d);
}

}  // namespace persona_runtime::deciding
