// The model call behind a call of text_summarize (persona-tools §13.13): reserved, settled and
// cancelled like a step's, so that no budget is passed by it. What fails is the tool's error.

#include "domain/run/draft.hpp"
#include "domain/tool/result_bounds.hpp"
#include "domain/tool/summarize.hpp"

#include <utility>

namespace persona_runtime::deciding {
namespace {

constexpr auto prompt_overhead = std::uint64_t{12};  // roles and separators of two messages

const tier_entry* tier_of_summaries(const draft& d) {
  const auto* tier = d.rules.tiers->resolve(tier_of(d.now, call_kind::tool_summary));
  return tier == nullptr || tier->members.empty() ? nullptr : tier;
}

const model_entry* model_at(const draft& d) {
  const auto* tier = tier_of_summaries(d);
  if (tier == nullptr)
    return nullptr;
  return &tier->members[std::min<std::size_t>(d.now.walk.member, tier->members.size() - 1)];
}

/// The arguments were looked through before.
summary_wish wish_of(const draft& d, call_index index) {
  auto wish = read_summary_wish(d.now.calls[index.value].call.arguments);
  auto* read = std::get_if<summary_wish>(&wish);
  return read == nullptr ? summary_wish{} : std::move(*read);
}

std::string instruction(const draft& d, const summary_wish& wish) {
  return with_values(d.rules.summary_instruction, {{"words", std::to_string(wish.words)}});
}

void ask_for_grant(draft& d) {
  const auto wish = wish_of(d, *d.now.summarising);
  const auto* model = model_at(d);
  const auto counted = d.rules.size_of(role::system, instruction(d, wish)).followed
                       + d.rules.size_of(role::user, wish.text).alone + prompt_overhead;
  const auto request =
    budget_request{call_kind::tool_summary, model->at_most(counted),
                   std::min(model->reply_tokens_max, summary_reply_tokens(wish)), model->price};
  d.then(reserve_step{current(d.now), request, d.now.spent});
}

message_ptr message_of(role from, std::string text) {
  auto m = message{};  // never counted: it is sent once and thrown away
  m.from = from;
  m.content = shared_text{std::move(text)};
  return std::make_shared<const message>(std::move(m));
}

void call_for_summary(draft& d, std::chrono::milliseconds delay) {
  auto wish = wish_of(d, *d.now.summarising);
  auto what = model_call{};
  what.kind = call_kind::tool_summary;
  what.tier = tier_of(d.now, call_kind::tool_summary);
  what.walk = d.now.walk;
  what.delay = delay;
  what.reply_tokens_max = d.now.reply_tokens_max;
  what.context = {message_of(role::system, instruction(d, wish)),
                  message_of(role::user, std::move(wish.text))};
  d.then(call_model{current(d.now), std::make_shared<const model_call>(std::move(what))});
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
  if (model_at(d) == nullptr)
    return fail(d, "text_summarize needs a model, and none is configured.");
  ask_for_grant(d);
}

void begin_summary_call(draft& d, const step_granted& grant) {
  const auto* model = model_at(d);
  const auto prompt = grant.amount.tokens - grant.reply_tokens_max;
  d.note(fact::reserved{call_kind::tool_summary, d.now.attempt, grant.amount,
                        grant.reply_tokens_max, model->label(), cost_cents(*model, prompt, 0)});
  call_for_summary(d, std::exchange(d.now.delay, {}));
}

void on_summary_refused(draft& d, const step_refused& in) {
  fail(d, "Not summarised: it could exceed the run's " + std::string{name_of(in.why.kind)}
            + " limit. Send a shorter text, or go on without it.");
}

void on_summary_reply(draft& d, const model_replied& in) {
  d.note(fact::settled{in.model, in.reply.usage, in.cents});
  finish(d, summary_result(wish_of(d, *d.now.summarising), in.reply.text));
}

void on_summary_lost(draft& d, const model_failed& in) {
  if (in.next && in.next->fell_over)
    d.note(fact::fell_over{d.now.step, std::string{tier_of(d.now, call_kind::tool_summary)},
                           in.model, in.next->to, std::string{class_name(in.error.kind)},
                           in.error.status});
  if (in.next && !in.next->fell_over && !in.error.output_begun) {
    d.note(fact::retried{in.model, in.next->walk});
    return call_for_summary(d, in.next->delay);
  }
  d.note(fact::settled{in.model, in.usage, in.cents});
  if (!in.next)
    return fail(d, "Not summarised: " + std::string{class_name(in.error.kind)} + " of " + in.model
                     + '.');
  d.note(fact::retried{in.model, in.next->walk});
  d.now.delay = in.next->delay;
  ask_for_grant(d);
}

}  // namespace persona_runtime::deciding
