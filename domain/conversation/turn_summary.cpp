// The model call behind a call of text_summarize, as in runs: reserved, settled and cancelled like
// a round's. What fails is the tool's error.

#include "domain/conversation/turn_draft.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/tool/result_bounds.hpp"
#include "domain/tool/summarize.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona_runtime::turning {
namespace {

constexpr auto tier_of_summaries = std::string_view{"small"};
constexpr auto prompt_overhead = std::uint64_t{12};  // roles and separators of two messages

const tier_entry* tier_at_work(const turn_draft& d) {
  const auto* tier = d.rules.tiers->resolve(tier_of_summaries);
  return tier == nullptr || tier->members.empty() ? nullptr : tier;
}

const model_entry* model_at(const turn_draft& d) {
  const auto* tier = tier_at_work(d);
  if (tier == nullptr)
    return nullptr;
  return &tier->members[std::min<std::size_t>(d.now.walk.member, tier->members.size() - 1)];
}

/// The arguments were looked through before.
summary_wish wish_of(const turn_draft& d) {
  auto wish = read_summary_wish(d.now.calls[d.now.desk.summarising->value].call.arguments);
  auto* read = std::get_if<summary_wish>(&wish);
  return read == nullptr ? summary_wish{} : std::move(*read);
}

std::string instruction(const turn_draft& d, const summary_wish& wish) {
  return with_values(d.rules.summary_instruction, {{"words", std::to_string(wish.words)}});
}

void ask_for_grant(turn_draft& d) {
  const auto wish = wish_of(d);
  const auto* model = model_at(d);
  const auto counted =
    model->at_most(d.rules.size_of(role::system, instruction(d, wish)).followed
                   + d.rules.size_of(role::user, wish.text).alone + prompt_overhead);
  const auto reply = std::min(model->reply_tokens_max, summary_reply_tokens(wish));
  d.then(reserve_step{current(d.now),
                      budget_request{call_kind::tool_summary, counted, reply, model->price},
                      d.now.spent});
}

message_ptr message_of(role from, std::string text) {
  auto m = message{};  // never counted: it is sent once and thrown away
  m.from = from;
  m.content = shared_text{std::move(text)};
  return std::make_shared<const message>(std::move(m));
}

void call_for_summary(turn_draft& d, std::chrono::milliseconds delay) {
  auto wish = wish_of(d);
  auto what = model_call{};
  what.kind = call_kind::tool_summary;
  what.tier = tier_of_summaries;
  what.walk = d.now.walk;
  what.delay = delay;
  what.reply_tokens_max = d.now.reply_tokens_max;
  what.context = {message_of(role::system, instruction(d, wish)),
                  message_of(role::user, std::move(wish.text))};
  d.then(call_model{current(d.now), std::make_shared<const model_call>(std::move(what))});
}

void fail(turn_draft& d, std::string why) {
  finish_summary(d, error_result(std::move(why)));
}

}  // namespace

void begin_summary(turn_draft& d, call_index index) {
  d.now.desk.summarising = index;
  if (model_at(d) == nullptr)
    return fail(d, "text_summarize needs a model, and none is configured.");
  ask_for_grant(d);
}

void begin_summary_call(turn_draft& d, const step_granted& grant) {
  d.note(fact::reserved{call_kind::tool_summary, d.now.attempt, grant.amount,
                        grant.reply_tokens_max, model_at(d)->label()});
  call_for_summary(d, std::exchange(d.now.desk.delay, {}));
}

void on_summary_refused(turn_draft& d, const step_refused& in) {
  fail(d, "Not summarised: it could exceed the turn's " + std::string{name_of(in.why.kind)}
            + " limit. Send a shorter text, or go on without it.");
}

void on_summary_reply(turn_draft& d, const model_replied& in) {
  account(d, tier_at_work(d), in.model, in.reply.usage);
  d.note(fact::settled{in.model, in.reply.usage, in.cents});
  finish_summary(d, summary_result(wish_of(d), in.reply.text));
}

void on_summary_lost(turn_draft& d, const model_failed& in) {
  account(d, tier_at_work(d), in.model, in.usage);
  if (in.next && in.next->fell_over)
    d.note(fact::fell_over{d.now.round, std::string{tier_of_summaries}, in.model, in.next->to,
                           std::string{class_name(in.error.kind)}, in.error.status});
  if (in.next && !in.next->fell_over && !in.error.output_begun) {
    d.note(fact::retried{in.model, in.next->walk});
    return call_for_summary(d, in.next->delay);
  }
  d.note(fact::settled{in.model, in.usage, in.cents});
  if (!in.next)
    return fail(d, "Not summarised: " + std::string{class_name(in.error.kind)} + " of " + in.model
                     + '.');
  d.note(fact::retried{in.model, in.next->walk});
  d.now.desk.delay = in.next->delay;
  ask_for_grant(d);
}

}  // namespace persona_runtime::turning
