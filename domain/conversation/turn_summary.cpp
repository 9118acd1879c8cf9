// The model call behind a call of text_summarize, as in runs: reserved, settled and cancelled like
// a round's. What fails is the tool's error.

#include "domain/conversation/turn_draft.hpp"
#include "domain/run/attempt_facts.hpp"
#include "domain/run/summary_call.hpp"
#include "domain/tool/result_bounds.hpp"

#include <utility>

namespace persona_runtime::turning {
namespace {

const model_entry* summary_model(const turn_draft& d) {
  return d.rules.tiers->model_at(summary_tier, d.now.walk.member);
}

summary_call call_under_way(const turn_draft& d) {
  return {d.now.calls[d.now.desk.summarising->value].call.arguments, d.rules.summary_instruction};
}

void ask_for_grant(turn_draft& d) {
  if (const auto* tier = d.rules.tiers->resolve(summary_tier))
    stand_at(d.now.walk, first_up(*tier, {}, d.now.walk.member, d.rules.is_up));
  auto request = call_under_way(d).budget(*summary_model(d), d.rules.size_of);
  d.then(reserve_step{current(d.now), std::move(request), d.now.spent});
}

void call_for_summary(turn_draft& d, std::chrono::milliseconds delay) {
  auto request =
    call_under_way(d).request(d.now.walk, d.now.spec->owner, d.now.reply_tokens_max, delay);
  d.then(call_model{current(d.now), std::move(request)});
}

void fail(turn_draft& d, std::string why) {
  finish_summary(d, error_result(std::move(why)));
}

}  // namespace

void begin_summary(turn_draft& d, call_index index) {
  d.now.desk.summarising = index;
  if (summary_model(d) == nullptr)
    return fail(d, "text_summarize needs a model, and none is configured.");
  ask_for_grant(d);
}

void begin_summary_call(turn_draft& d, const step_granted& grant) {
  d.note(reservation_of(grant, d.now.attempt, summary_model(d)));
  call_for_summary(d, std::exchange(d.now.desk.delay, {}));
}

void on_summary_refused(turn_draft& d, const step_refused& in) {
  fail(d, "Not summarised: it could exceed the turn's " + std::string{name_of(in.why.kind)}
            + " limit. Send a shorter text, or go on without it.");
}

void on_summary_reply(turn_draft& d, const model_replied& in) {
  account(d, d.rules.tiers->resolve(summary_tier), in.model, in.reply.usage);
  d.note(settled_by(in));
  finish_summary(d, summary_result(call_under_way(d).wish(), in.reply.text));
}

void on_summary_lost(turn_draft& d, const model_failed& in) {
  account(d, d.rules.tiers->resolve(summary_tier), in);
  if (in.next && in.next->fell_over)
    d.note(fact::fell_over{d.now.round, std::string{summary_tier}, in.model, in.next->to,
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
  d.now.desk.delay = in.next->delay;
  ask_for_grant(d);
}

}  // namespace persona_runtime::turning
