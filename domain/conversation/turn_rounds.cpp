// The model calls of a turn: what a round is sent, what its reply leads to, what a lost one does.

#include "domain/conversation/turn_draft.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/run/attempt_facts.hpp"
#include "domain/text/joined.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime::turning {
namespace {

constexpr auto message_overhead = std::uint64_t{4};  // role and separators, per message

const tier_entry* tier_of(const turn_draft& d) {
  return d.rules.tiers->resolve(d.now.tier);
}

/// Whether calls of the next reply count.
bool may_call(const turn_draft& d) {
  const auto& wishes = d.now.desk.frame->wishes;
  return !d.now.forced && (wishes == nullptr || wishes->calls != call_wish::none);
}

/// A call that is required is required once: what the tools answer must be able to end the turn.
wishes_ptr wishes_of_round(const turn_draft& d) {
  const auto& wishes = d.now.desk.frame->wishes;
  if (wishes == nullptr || wishes->calls != call_wish::required || d.now.round.value == 0)
    return wishes;
  auto later = *wishes;
  later.calls = call_wish::automatic;
  return std::make_shared<const reply_wishes>(std::move(later));
}

std::uint32_t reply_cap(const turn_draft& d, const model_entry& model) {
  const auto& wishes = d.now.desk.frame->wishes;
  if (wishes == nullptr)
    return model.reply_tokens_max;
  return std::min(model.reply_tokens_max,
                  wishes->reply_tokens_max.value_or(model.reply_tokens_max));
}

bool offers_tools(const turn_draft& d) {
  return !d.setup().tools.definitions()->empty();
}

/// What an attempt that broke off has shown of this round's answer.
std::string_view begun_answer(const turn_draft& d) {
  const auto& s = d.now;
  return std::string_view{s.visible}.substr(s.round_begin, s.attempt_begin - s.round_begin);
}

message_ptr said_by(const turn_draft& d, role from, std::string_view text) {
  auto m = message{};
  m.from = from;
  m.size = d.rules.size_of(from, text);
  m.content = shared_text{std::string{text}};
  return std::make_shared<const message>(std::move(m));
}

/// Has the next model go on where the last one broke off; empty: it begins.
message_list continuation(const turn_draft& d) {
  const auto begun = begun_answer(d);
  if (begun.empty())
    return {};
  return {said_by(d, role::assistant, begun),
          said_by(d, role::user, d.rules.texts->continue_answer)};
}

std::uint64_t tokens_of(const message_list& messages) {
  auto total = std::uint64_t{0};
  for (const auto& m : messages)
    total += m->size.followed;
  return total;
}

/// Built anew for each round: skills that became active are in it, and what follows the user's
/// message takes its share of the window.
void build(turn_draft& d, const model_entry& model) {
  auto& desk = d.now.desk;
  const auto& frame = *desk.frame;
  const auto window = context_budget(model, d.setup().schema_tokens);
  const auto behind = d.now.behind_tokens + frame.follow_tokens + tokens_of(continuation(d));
  auto parts = prompt_parts{};
  parts.frame = d.setup().frame;
  parts.memory = desk.memory;
  parts.skill_index = d.setup().skill_index;
  parts.skills = desk.active_skills;
  parts.summary = frame.summary;
  parts.history = frame.history;
  parts.user = frame.user;
  parts.client_instructions = frame.client_instructions;
  parts.tokens_max = window > behind ? window - behind : 1;
  desk.prompt = build_prompt(parts);
}

/// Of the prompt that was built, and of what follows it.
std::uint64_t message_tokens(const turn_draft& d) {
  const auto& desk = d.now.desk;
  return desk.prompt.report.tokens + desk.frame->follow_tokens + d.now.behind_tokens
         + tokens_of(continuation(d));
}

std::uint64_t worst_case(const turn_draft& d, const model_entry& model) {
  const auto& s = d.now;
  const auto messages = s.desk.prompt.messages.size() + s.desk.frame->follow.size()
                        + s.behind.size() + continuation(d).size() + 1;
  return model.at_most(message_tokens(d) + d.setup().schema_tokens + message_overhead * messages);
}

void call_the_model(turn_draft& d, std::chrono::milliseconds delay) {
  auto what = model_call{};
  what.kind = call_kind::step;
  what.tier = d.now.tier;
  what.walk = d.now.walk;
  what.order = order_of(d);
  what.delay = delay;
  what.reply_tokens_max = d.now.reply_tokens_max;
  what.is_chat = true;
  what.owner = d.now.spec->owner;
  what.context = d.now.desk.prompt.messages;
  const auto& follow = d.now.desk.frame->follow;
  what.context.insert(what.context.end(), follow.begin(), follow.end());
  what.context.insert(what.context.end(), d.now.behind.begin(), d.now.behind.end());
  const auto begun = continuation(d);
  what.context.insert(what.context.end(), begun.begin(), begun.end());
  what.wishes = wishes_of_round(d);
  if (offers_tools(d)) {
    what.tools = d.setup().tools.definitions();
    what.may_call = may_call(d);  // D-29: they stay in the request
  }
  d.then(call_model{current(d.now), std::make_shared<const model_call>(std::move(what))});
}

void show(turn_draft& d, std::string_view text) {
  if (!text.empty())
    d.note(turn_fact::chunk{std::string{text}});
}

std::size_t attempt_shown(const turn_draft& d) {
  return d.now.visible.size() - d.now.attempt_begin;
}

/// What the whole reply has beyond the pieces that were shown of it.
void show_rest(turn_draft& d, std::string_view whole) {
  const auto shown = std::string_view{d.now.visible}.substr(d.now.attempt_begin);
  if (whole.size() > shown.size() && whole.starts_with(shown))
    show(d, whole.substr(shown.size()));
}

/// Once, and only when no tool was used: an answer that claims not to have the tools it has.
bool send_back(turn_draft& d, const std::string& text) {
  auto& desk = d.now.desk;
  const auto found = refused_tools(text, d.setup().tools.names(), d.rules.tables->refusals);
  for (const auto& name : found) {
    if (std::ranges::find(desk.refused_tools, name) == desk.refused_tools.end())
      desk.refused_tools.push_back(name);
  }
  if (!d.rules.retries_refusals || found.empty() || d.now.refusal || d.now.tool_rounds > 0
      || d.now.forced)
    return false;
  d.note(turn_fact::refused{text, d.rules.size_of(role::assistant, text)});
  say(d, with_values(d.rules.texts->use_the_tools, {{"tools", joined(found, ", ")}}));
  return true;
}

std::string provider_in(std::string_view label) {
  return std::string{label.substr(0, label.find('/'))};
}

}  // namespace

void complete(turn_draft& d) {
  const auto total = d.now.desk.tally.total();
  d.note(turn_fact::done{d.now.tier, total.tokens, d.now.spec->question, d.now.spec->answer,
                         d.now.desk.finish, choice_of(d), spending_of(d)});
  end(d, message_status::complete);
}

void say(turn_draft& d, std::string text) {
  const auto size = d.rules.size_of(role::user, text);
  d.note(turn_fact::noted{std::move(text), size});
}

/// The model that the next attempt stands at; null when no tier serves the turn.
const model_entry* next_model(const turn_draft& d) {
  return d.rules.tiers->model_at(d.now.tier, d.now.walk.member);
}

/// A round begins with the first of its order; models that are left alone are passed over before
/// anything is reserved for them.
void choose_member(turn_draft& d) {
  const auto* tier = tier_of(d);
  if (tier == nullptr)
    return;
  const auto order = order_of(d);
  if (d.now.attempt.value == 0)
    d.now.walk = {first_of(order)};
  stand_at(d.now.walk, first_up(*tier, order, d.now.walk.member, d.rules.is_up));
}

/// A prompt that is too long for the member at hand goes to one with a larger window. The model
/// that it is built for when this returns.
const model_entry* find_room(turn_draft& d, const model_entry* model) {
  const auto* tier = tier_of(d);
  while (d.now.desk.prompt.report.over_budget && model->context_window) {
    const auto larger = roomier_behind(*tier, order_of(d), d.now.walk.member);
    if (!larger)
      break;
    stand_at(d.now.walk, *larger);
    model = next_model(d);
    build(d, *model);
  }
  return model;
}

void go_on(turn_draft& d) {
  choose_member(d);
  const auto* model = next_model(d);
  if (model == nullptr)
    return end_with_error(d, "model_unavailable", "no model is configured");
  build(d, *model);
  model = find_room(d, model);
  if (d.now.desk.prompt.report.over_budget && model->context_window)
    return end_with_error(d, "context_overflow",
                          "the message and what tools answered exceed the model's context window");
  const auto request =
    budget_request{call_kind::step, worst_case(d, *model), reply_cap(d, *model), model->price};
  d.then(reserve_step{current(d.now), request, d.now.spent});
}

void begin_call(turn_draft& d, const step_granted& grant) {
  const auto first = d.now.attempt.value == 0;
  d.note(reservation_of(grant, d.now.attempt, next_model(d)));
  const auto sent_back = d.now.refusal && d.now.tool_rounds == 0;
  if (first && !d.now.forced && !sent_back)
    d.note(turn_fact::thinking{d.now.round});
  if (first)
    d.now.desk.failed_attempts.clear();
  call_the_model(d, std::exchange(d.now.desk.delay, {}));
}

/// Null when it is in the tier no more.
const model_entry* second_model(const turn_draft& d) {
  const auto* tier = tier_of(d);
  return tier == nullptr ? nullptr : tier->find(d.now.desk.hedging->model);
}

/// No more than the attempt under way was granted: the two answer the same.
std::uint32_t second_cap(const turn_draft& d, const model_entry& model) {
  return std::min(d.now.reply_tokens_max, model.reply_tokens_max);
}

void on_hedge_wanted(turn_draft& d, const hedge_wanted& in) {
  auto& hedging = d.now.desk.hedging;
  if (hedging && hedging->call == in.call)
    return;
  hedging = {in.call, in.model};
  const auto* model = second_model(d);
  // The prompt was built for the other model: it is not built anew.
  if (model == nullptr || message_tokens(d) > context_budget(*model, d.setup().schema_tokens))
    return;
  const auto request =
    budget_request{call_kind::step, worst_case(d, *model), second_cap(d, *model), model->price};
  d.then(reserve_step{in.call, request, d.now.spent, d.now.reserved});
}

void begin_hedge(turn_draft& d, const step_granted& grant) {
  const auto& hedging = d.now.desk.hedging;
  if (!hedging || hedging->call != grant.call)
    return;
  const auto* model = second_model(d);
  if (model == nullptr || grant.reply_tokens_max < second_cap(d, *model))
    return;
  d.note(hedge_reservation_of(grant, d.now.attempt, model));
  d.then(start_hedge{grant.call, d.now.tier, grant.reply_tokens_max});
}

/// Before the attempt that counts is settled.
void settle_lost(turn_draft& d, const std::optional<lost_call>& lost) {
  if (!lost)
    return;
  account(d, tier_of(d), lost->model, lost->usage);
  if (!lost->error.empty())
    d.now.desk.failed_attempts.push_back({provider_in(lost->model), lost->error});
  d.note(settled_by(*lost));
}

void on_refused(turn_draft& d, const step_refused& in) {
  end_with_error(d, "budget_exhausted",
                 "the next call could exceed the turn's " + std::string{name_of(in.why.kind)}
                   + " limit");
}

void on_text(turn_draft& d, const text_arrived& in) {
  if (in.offset == attempt_shown(d))
    show(d, in.text);
}

/// With what an attempt before it had shown.
std::string whole_text(const turn_draft& d, const model_reply& reply) {
  return std::string{begun_answer(d)} + reply.text;
}

/// Text that somebody has read is not taken back: another member goes on behind it (D-28). None:
/// there is no other.
std::optional<retry_plan> plan_for_rest(const turn_draft& d, const model_failed& in) {
  const auto* tier = tier_of(d);
  if (!in.next || in.next->fell_over || tier == nullptr)
    return in.next;
  const auto member = next_behind(*tier, order_of(d), in.next->walk.member);
  if (!member)
    return std::nullopt;
  auto walk = in.next->walk;
  stand_at(walk, *member);
  return retry_plan{walk, std::chrono::milliseconds{0}, true, tier->members[*member].label()};
}

void on_reply(turn_draft& d, const model_replied& in) {
  auto& desk = d.now.desk;
  account(d, tier_of(d), in.model, in.reply.usage);
  desk.served_by = in.model;
  desk.reasoning += in.reply.reasoning;
  desk.finish = in.reply.finish;
  show_rest(d, in.reply.text);
  settle_lost(d, in.lost);
  d.note(settled_by(in));
  if (in.reply.calls.empty() || !may_call(d)) {
    if (!send_back(d, whole_text(d, in.reply)))
      return complete(d);
    return go_on(d);
  }
  if (d.now.tool_rounds < d.rules.rounds_max || calls_client(d, in.reply)) {
    auto reply = in.reply;
    reply.text = whole_text(d, in.reply);
    return begin_tools(d, reply);
  }
  say(d, d.rules.texts->rounds_used_up);
  d.note(turn_fact::rounds_used_up{});
  go_on(d);
}

void on_call_lost(turn_draft& d, const model_failed& in) {
  auto& desk = d.now.desk;
  account(d, tier_of(d), in);
  const auto is_shown = attempt_shown(d) > 0;
  const auto next = is_shown ? plan_for_rest(d, in) : in.next;
  if (!next || next->fell_over)
    desk.failed_attempts.push_back({provider_in(in.model), std::string{class_name(in.error.kind)}});
  if (!next) {
    settle_lost(d, in.lost);
    d.note(settled_by(in));
    return end_with_error(d, std::string{event_kind(in.error)}, event_text(in.error, in.model));
  }
  if (next->fell_over)
    d.note(fact::fell_over{d.now.round, d.now.tier, in.model, next->to,
                           std::string{class_name(in.error.kind)}, in.error.status, is_shown});
  if (!next->fell_over && !in.error.output_begun && !in.lost) {
    d.note(retried_at(next->walk, in));
    return call_the_model(d, next->delay);
  }
  settle_lost(d, in.lost);
  d.note(settled_by(in));
  d.note(retried_at(next->walk, in));
  desk.delay = next->delay;
  go_on(d);
}

}  // namespace persona_runtime::turning
