// Model calls of a run: which one comes next, what it is sent, what a lost one leads to.

#include "domain/run/attempt_facts.hpp"
#include "domain/run/compactor.hpp"
#include "domain/run/draft.hpp"
#include "domain/run/summary_call.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime::deciding {
namespace {

constexpr auto message_overhead = std::uint64_t{4};  // role and separators, per message

const model_entry* first_model(const draft& d, call_kind kind) {
  return d.rules.tiers->model_at(tier_of(d.now, kind), d.now.walk.member);
}

/// A context is folded when a step is over, so the event belongs to that one (spec runtime §16.4).
/// There is one: a run's first context has nothing that could give way.
step_index finished_step(const run_state& s) {
  return {s.step.value - 1};
}

message_ptr text_message(const draft& d, role from, std::string text) {
  auto m = message{};
  m.from = from;
  m.size = d.rules.size_of(from, text);
  m.content = shared_text{std::move(text)};
  return std::make_shared<const message>(std::move(m));
}

std::uint64_t middle_tokens(const run_state& s, const fold_range& range) {
  auto total = std::uint64_t{0};
  for (auto i = range.first; i < range.last; ++i)
    total += s.context[i]->size.followed;
  return total;
}

/// What the call is sent, counted without rendering it.
std::uint64_t prompt_tokens(const draft& d, call_kind kind) {
  const auto& s = d.now;
  const auto& texts = s.setup->texts;
  switch (kind) {
  case call_kind::step:
    return rendered_size(s) + s.call_tokens + s.setup->schema_tokens
           + message_overhead * (s.context.size() + 1);
  case call_kind::compaction:
    return middle_tokens(s, middle_of(s.context, d.rules.floor))
           + d.rules.size_of(role::system, texts.step_summary_instruction).followed
           + 3 * message_overhead;
  case call_kind::partial_result:
    return rendered_size(s)
           + d.rules.size_of(role::system, texts.partial_result_instruction).followed
           + 3 * message_overhead;
  case call_kind::tool_summary:
    break;  // counted where it is asked for
  }
  return 0;
}

message_list summary_prompt(const draft& d, call_kind kind) {
  const auto& s = d.now;
  const auto folding = kind == call_kind::compaction;
  const auto range =
    folding ? middle_of(s.context, d.rules.floor) : fold_range{0, s.context.size()};
  const auto& texts = s.setup->texts;
  auto user = message{};  // never counted: it is sent once and thrown away
  user.from = role::user;
  user.content = shared_text{render(s.context, range.first, range.last)};
  return {text_message(d, role::system,
                       folding ? texts.step_summary_instruction : texts.partial_result_instruction),
          std::make_shared<const message>(std::move(user))};
}

void call_the_model(draft& d, call_kind kind, std::uint32_t reply_tokens_max,
                    std::chrono::milliseconds delay) {
  auto what = model_call{};
  what.kind = kind;
  what.tier = tier_of(d.now, kind);
  what.walk = d.now.walk;
  what.delay = delay;
  what.reply_tokens_max = reply_tokens_max;
  what.owner = d.now.spec->owner;
  if (kind == call_kind::step) {
    what.context = d.now.context;
    if (!d.now.setup->tools.empty())
      what.tools = tool_list{d.now.setup, &d.now.setup->tools};
  } else {
    what.context = summary_prompt(d, kind);
  }
  d.then(call_model{current(d.now), std::make_shared<const model_call>(std::move(what))});
}

void warn(draft& d, budget_kind kind, double limit, double used, double reserved) {
  if (used + reserved >= limit * 0.8)
    d.note(fact::budget{d.now.step, kind, limit, used, reserved});
}

/// Each budget is announced once, at 80 %.
void warn_of_budgets(draft& d, const budget_amount& amount) {
  const auto limits = d.now.spec->limits;
  const auto spent = d.now.spent;
  if (limits.max_tokens && !d.now.warned_tokens)
    warn(d, budget_kind::tokens, static_cast<double>(*limits.max_tokens),
         static_cast<double>(spent.tokens), static_cast<double>(amount.tokens));
  if (limits.max_cost_cents && !d.now.warned_cents)
    warn(d, budget_kind::cost_cents, *limits.max_cost_cents, spent.cents.value_or(0),
         amount.cents.value_or(0));
  if (limits.deadline && limits.deadline_s && !d.now.warned_deadline) {
    const auto left = static_cast<double>(limits.deadline->value - d.clock.value) / 1000.0;
    warn(d, budget_kind::deadline, *limits.deadline_s, *limits.deadline_s - left, 0);
  }
}

/// A prompt that is too long although the middle could not be summarised: the middle goes, then
/// the largest results are shortened. False: it does not fit whatever is done.
bool make_room(draft& d, std::uint64_t budget) {
  if (rendered_size(d.now) <= budget)
    return true;
  const auto before = d.now.context.size();
  const auto tokens = rendered_size(d.now);
  if (const auto middle = middle_of(d.now.context, d.rules.floor); middle.count() > 0) {
    d.note(fact::folded{static_cast<std::uint32_t>(middle.first),
                        static_cast<std::uint32_t>(middle.count()),
                        {},
                        {},
                        true});
  }
  for (auto tries = d.now.context.size(); tries > 0 && rendered_size(d.now) > budget; --tries) {
    const auto largest = std::ranges::max_element(d.now.context, {}, [](const message_ptr& m) {
      return m->from == role::tool ? m->size.followed : 0u;
    });
    if ((*largest)->from != role::tool || (*largest)->size.followed < 64)
      break;
    auto text = d.rules.shorten((*largest)->content.view(), (*largest)->size.followed / 4);
    const auto size = d.rules.size_of(role::tool, text);
    const auto at = static_cast<std::uint32_t>(largest - d.now.context.begin());
    d.note(fact::shortened{at, std::move(text), size});
  }
  const auto after = rendered_size(d.now);
  if (after != tokens)
    d.note(
      fact::compacted{finished_step(d.now), before, d.now.context.size(), tokens, after, false});
  return after <= budget;
}

/// Names the tiers that there are: none of them may stand in for the one that is wanted.
std::string why_no_model(const draft& d, call_kind kind) {
  auto names = std::string{};
  for (const auto& tier : d.rules.tiers->tiers)
    names.append(names.empty() ? "" : ", ").append(tier.name);
  if (names.empty())
    return "no model is configured";
  return "no model is configured for the tier " + std::string{tier_of(d.now, kind)}
         + "; configured: " + names;
}

/// Models that are left alone are passed over before anything is reserved for them.
void choose_member(draft& d, call_kind kind) {
  if (const auto* tier = d.rules.tiers->resolve(tier_of(d.now, kind)))
    stand_at(d.now.walk, first_up(*tier, {}, d.now.walk.member, d.rules.is_up));
}

/// For the member that was chosen.
void reserve(draft& d, call_kind kind) {
  const auto* model = first_model(d, kind);
  if (model == nullptr)
    return end_with_error(d, d.now.step, "model_unavailable", why_no_model(d, kind));
  const auto request =
    budget_request{kind, worst_case(d, kind, *model), model->reply_tokens_max, model->price};
  d.then(reserve_step{current(d.now), request, d.now.spent});
}

void ask_for(draft& d, call_kind kind) {
  choose_member(d, kind);
  reserve(d, kind);
}

void wind_up(draft& d, run_status status) {
  d.note(fact::winding_up{status});
  ask_for(d, call_kind::partial_result);
}

void conclude(draft& d, std::optional<std::string> output, std::string error) {
  const auto status = *d.now.ending;
  const auto kind = std::string{error.empty() ? "" : "summary_failed"};
  auto text = error.empty() ? std::string{} : kind + ": " + error;
  d.note(fact::concluded{output, std::move(text), kind});
  if (status == run_status::max_steps_reached)
    d.note(fact::max_steps{{d.now.spec->limits.max_steps}, output.value_or("")});
  end(d, status);
}

/// The call is over for good.
void give_up(draft& d, const model_failed& in) {
  const auto kind = d.now.calling;
  settle_lost(d, in.lost);
  d.note(settled_by(in));
  switch (kind) {
  case call_kind::step:
    return end_with_error(d, d.now.step, std::string{event_kind(in.error)},
                          event_text(in.error, in.model));
  case call_kind::compaction:
    d.note(fact::fold_failed{});
    return go_on(d);
  case call_kind::partial_result:
    return conclude(d, std::nullopt, "the summary failed: " + event_text(in.error, in.model));
  case call_kind::tool_summary:
    return;  // such a call is never `calling`
  }
}

}  // namespace

std::string_view tier_of(const run_state& s, call_kind kind) {
  if (kind == call_kind::tool_summary)
    return summary_tier;
  if (kind == call_kind::compaction)
    return "small";
  if (kind == call_kind::partial_result || s.spec->force_frontier)
    return "frontier";
  const auto plans = s.last_step == step_end::none || s.last_step == step_end::reasoning;
  return plans ? "frontier" : "mid";
}

std::uint64_t worst_case(const draft& d, call_kind kind, const model_entry& model) {
  return model.at_most(prompt_tokens(d, kind));
}

std::uint64_t budget_of(const draft& d, call_kind kind) {
  const auto* model = first_model(d, kind);
  return model == nullptr ? 0 : context_budget(*model, d.now.setup->schema_tokens);
}

namespace {

/// What the prompt of a call must fit into; none when nobody knows the model's window.
std::optional<std::uint64_t> window_of(const draft& d, call_kind kind) {
  const auto* model = first_model(d, kind);
  if (model == nullptr || !model->context_window)
    return std::nullopt;
  return context_budget(*model, d.now.setup->schema_tokens);
}

/// The context budget of the model that answered last: it is the one that fills up.
std::uint64_t last_budget(const draft& d) {
  const auto* tier = d.rules.tiers->resolve(d.now.last_tier);
  if (tier == nullptr || tier->members.empty())
    return 0;
  auto model = std::ranges::find(tier->members, d.now.last_model, &model_entry::label);
  if (model == tier->members.end())
    model = tier->members.begin();
  return context_budget(*model, d.now.setup->schema_tokens);
}

/// A prompt that is too long for the member at hand goes to one with a larger window.
void find_room(draft& d, call_kind kind) {
  const auto* tier = d.rules.tiers->resolve(tier_of(d.now, kind));
  for (auto window = window_of(d, kind); window && rendered_size(d.now) > *window;
       window = window_of(d, kind)) {
    const auto larger = roomier_behind(*tier, {}, d.now.walk.member);
    if (!larger)
      return;
    stand_at(d.now.walk, *larger);
  }
}

}  // namespace

call_kind next_kind(const draft& d) {
  const auto& s = d.now;
  if (s.ending)
    return call_kind::partial_result;
  if (s.step.value == 0 || s.context.size() < s.fold_not_before)
    return call_kind::step;
  const auto budget = last_budget(d);
  const auto full = should_fold(s.context.size(), rendered_size(s), budget, d.rules.floor);
  return full && middle_of(s.context, d.rules.floor).count() > 0 ? call_kind::compaction
                                                                 : call_kind::step;
}

void go_on(draft& d) {
  const auto kind = next_kind(d);
  if (kind != call_kind::step)
    return ask_for(d, kind);
  if (d.now.step.value >= d.now.spec->limits.max_steps)
    return wind_up(d, run_status::max_steps_reached);
  choose_member(d, kind);
  find_room(d, kind);
  if (const auto window = window_of(d, kind); window && !make_room(d, *window))
    return end_with_error(d, d.now.step, "context_overflow",
                          "task and last messages alone exceed the model's context window");
  reserve(d, kind);
}

void begin_call(draft& d, const step_granted& grant) {
  warn_of_budgets(d, grant.amount);
  d.note(reservation_of(grant, d.now.attempt, first_model(d, grant.kind)));
  if (grant.kind == call_kind::step && !d.now.thought)
    d.note(fact::thinking{d.now.step});
  call_the_model(d, grant.kind, grant.reply_tokens_max, std::exchange(d.now.delay, {}));
}

void on_fold_reply(draft& d, const model_replied& in) {
  const auto before = d.now.context.size();
  const auto tokens = rendered_size(d.now);
  const auto range = middle_of(d.now.context, d.rules.floor);
  auto text = d.now.setup->texts.step_summary_lead_in + std::string{stripped(in.reply.text)};
  const auto size = d.rules.size_of(role::system, text);
  d.note(fact::folded{static_cast<std::uint32_t>(range.first),
                      static_cast<std::uint32_t>(range.count()), std::move(text), size, false});
  d.note(fact::compacted{finished_step(d.now), before, d.now.context.size(), tokens,
                         rendered_size(d.now), true});
  go_on(d);
}

void on_partial_result(draft& d, const std::string& text) {
  conclude(d, std::string{stripped(text)}, {});
}

void on_call_lost(draft& d, const model_failed& in) {
  if (!in.next)
    return give_up(d, in);
  if (in.next->fell_over) {
    d.note(fact::fell_over{d.now.step, std::string{tier_of(d.now, d.now.calling)}, in.model,
                           in.next->to, std::string{class_name(in.error.kind)}, in.error.status});
  }
  if (!in.next->fell_over && !in.error.output_begun && !in.lost) {
    const auto kind = d.now.calling;
    d.note(retried_at(in.next->walk, in));
    return call_the_model(d, kind, d.now.reply_tokens_max, in.next->delay);
  }
  const auto kind = d.now.calling;
  settle_lost(d, in.lost);
  d.note(settled_by(in));
  d.note(retried_at(in.next->walk, in));
  d.now.delay = in.next->delay;
  ask_for(d, kind);
}

void on_refused(draft& d, const step_refused& in) {
  if (d.now.ending)
    return conclude(d, std::nullopt, "no budget is left for a summary");
  if (next_kind(d) == call_kind::compaction) {  // the step itself may still fit
    d.note(fact::fold_failed{});
    return go_on(d);
  }
  d.note(fact::budget{d.now.step, in.why.kind, in.why.limit, in.why.used, in.why.reserved});
  wind_up(d, run_status::budget_exhausted);
}

}  // namespace persona_runtime::deciding
