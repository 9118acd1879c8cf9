#include "domain/conversation/turn_state.hpp"

#include "domain/run/state.hpp"
#include "domain/text/sha256.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

void push(turn_state& s, message m) {
  s.behind_tokens += m.size.followed;
  s.behind.push_back(std::make_shared<const message>(std::move(m)));
}

message text_message(role from, const std::string& text, message_size size) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{text};
  m.size = size;
  return m;
}

void spend(turn_state& s, const budget_amount& amount) {
  s.spent.tokens += amount.tokens;
  s.spent.cents = add_cents(s.spent.cents, amount.cents);
  s.reserved = {};
}

/// From here on another reply is awaited.
void next_round(turn_state& s) {
  ++s.round.value;
  s.attempt = {};
  s.walk = {};
  s.round_begin = s.visible.size();
  s.attempt_begin = s.visible.size();
  s.phase = turn_phase::boundary;
}

/// In call order, whatever the order of completion was.
void close_tools(turn_state& s) {
  for (auto& c : s.calls) {
    s.behind_tokens += c.answer->size.followed;
    s.behind.push_back(std::move(c.answer));
  }
  s.calls.clear();
  ++s.tool_rounds;
  next_round(s);
}

struct turn_applier {
  turn_state& s;

  void operator()(const turn_fact::opened& r) const { s.spec = r.spec; }
  void operator()(const turn_fact::taken_up& r) const {
    s.life = r.life;
    for (auto& c : s.calls)
      c.sent = false;
    if (s.phase == turn_phase::calling || s.phase == turn_phase::tools)
      spend(s, s.reserved);  // the lost attempt may have cost all of it
  }
  void operator()(const turn_fact::routed& r) const {
    s.tier = r.decision.tier;
    s.phase = turn_phase::boundary;
  }
  void operator()(const turn_fact::thinking&) const {}
  void operator()(const turn_fact::replied& r) const {
    auto m = text_message(role::assistant, r.text, r.size);
    m.calls = r.calls;
    m.thinking = r.thinking;
    s.behind_tokens += r.call_tokens;
    push(s, std::move(m));
  }
  void operator()(const turn_fact::noted& r) const {
    push(s, text_message(role::user, r.text, r.size));
  }
  void operator()(const turn_fact::rounds_used_up&) const {
    s.forced = true;
    next_round(s);
  }
  void operator()(const turn_fact::refused& r) const {
    s.refusal = r.text;
    push(s, text_message(role::assistant, r.text, r.size));
    next_round(s);
  }

  void operator()(const fact::reserved& r) const {
    if (r.beside) {
      s.reserved = both(s.reserved, r.amount);
      return;
    }
    spend(s, s.reserved);
    s.reserved = r.amount;
    s.attempt = r.attempt;
    s.attempt_begin = s.visible.size();
    s.reply_tokens_max = r.reply_tokens_max;
    if (r.kind != call_kind::tool_summary)
      s.phase = turn_phase::calling;
  }
  void operator()(const fact::settled& r) const {
    s.reserved = {};
    spend(s, {r.usage.prompt + r.usage.completion, r.cents});
    ++s.attempt.value;
    s.walk = {};
    s.phase = s.calls.empty() ? turn_phase::boundary : turn_phase::tools;
  }
  void operator()(const fact::retried& r) const {
    ++s.attempt.value;
    s.attempt_begin = s.visible.size();
    s.walk = r.walk;
  }
  void operator()(const fact::tool_started& r) const { s.calls.at(r.call.value).started = true; }
  void operator()(const fact::result_kept& r) const { s.kept = r; }

  void operator()(const turn_fact::memory_recall&) const {}
  void operator()(const fact::memory_changed&) const {}
  void operator()(const turn_fact::task_detected&) const {}
  void operator()(const turn_fact::chunk& r) const { s.visible += r.text; }
  void operator()(const fact::tool_calling&) const {
    s.phase = turn_phase::tools;
    for (const auto& call : s.behind.back()->calls)  // the event does not show all of them
      s.calls.push_back({call, false, false, false, {}, nullptr});
  }
  void operator()(const turn_fact::activity_began& r) const {
    for (auto i = call_index{}; i.value < s.calls.size(); ++i.value) {
      auto& c = s.calls[i.value];
      if (!c.shown && r.what.activity_id == activity_id(s, i)) {
        c.shown = true;
        return;
      }
    }
  }
  void operator()(const turn_fact::activity_ended&) const {}
  void operator()(const fact::tool_result& r) const {
    auto& c = s.calls.at(s.kept.call.value);
    auto m =
      text_message(role::tool, s.kept.is_shortened ? s.kept.shortened : r.content, s.kept.size);
    m.call_id = c.call.call_id;
    m.tool_name = r.tool_name;
    m.is_error = r.is_error;
    c.answer = std::make_shared<const message>(std::move(m));
    s.kept = {};
    if (std::ranges::all_of(s.calls, [](const auto& each) { return each.answer != nullptr; }))
      close_tools(s);
  }
  void operator()(const turn_fact::asking&) const { s.question = true; }
  void operator()(const fact::fell_over&) const {}
  void operator()(const fact::cancelled&) const {}
  void operator()(const turn_fact::failed&) const {}
  void operator()(const turn_fact::done&) const {}
  void operator()(const turn_fact::finished& r) const {
    spend(s, s.reserved);
    s.calls.clear();
    s.behind.clear();
    s.status = r.status;
    s.phase = turn_phase::ended;
  }
  void operator()(const turn_fact::shown_only&) const {}
};

void note_tier(turn_log& log, const turn_state& state, const tier_table& tiers) {
  const auto* tier = tiers.resolve(state.tier);
  if (tier != nullptr && !tier->members.empty()) {
    const auto& order = state.desk.order;
    const auto* first = order.empty() ? nullptr : tier->find(order.front());
    const auto& asked = first == nullptr ? tier->members.front() : *first;
    log.model_name = asked.model;
    log.provider = asked.provider;
  }
  note_fallback(log, state.desk.failed_attempts,
                tier == nullptr ? nullptr : tier->find(state.desk.served_by));
}

}  // namespace

void apply(turn_state& state, const turn_record& r) {
  std::visit(turn_applier{state}, r);
  ++state.pos;
  if (is_public(r))
    ++state.seq.value;
}

identity current(const turn_state& state) {
  return {state.spec->answer, state.life, state.round, state.attempt};
}

std::string activity_id(const turn_state& state, call_index call) {
  return sha256_text(state.spec->answer.value + '/' + std::to_string(state.round.value) + '/'
                     + std::to_string(call.value))
    .substr(0, 32);
}

std::string_view round_text(const turn_state& state) {
  return std::string_view{state.visible}.substr(state.round_begin);
}

std::string kept_text(const turn_state& state) {
  if (state.status != message_status::complete)
    return state.visible;
  if (const auto answer = round_text(state); !stripped(answer).empty())
    return std::string{answer};
  return state.refusal ? *state.refusal : std::string{stripped(state.visible)};
}

message_end end_of(const turn_state& state, instant now) {
  return {state.status, shared_text{kept_text(state)}, state.tier, state.question, now};
}

std::optional<turn_log> log_of(const turn_state& state, const tier_table& tiers, instant now) {
  const auto& desk = state.desk;
  if (desk.frame == nullptr || desk.tally.by_model().empty())
    return std::nullopt;
  auto log = turn_log{};
  log.conversation_id = state.spec->conversation.value;
  log.turn_index = state.spec->messages_before;
  log.tier_used = state.tier;
  note_tier(log, state, tiers);
  note_usage(log, desk.tally);
  log.latency_ms = static_cast<double>(now.value - state.spec->began.value);
  log.tool_calls = desk.tools_dispatched;
  log.history_compacted = desk.frame->summary.message != nullptr;
  log.timestamp = {now, 0};
  log.routing = desk.routing;
  log.routing_latency_ms = desk.routing_ms;
  if (desk.routing) {
    log.routing_fallback_triggered = desk.routing->fallback_triggered;
    log.routing_fallback_reason = desk.routing->fallback_reason;
  }
  note_reasoning(log, desk.reasoning, sha256_text(desk.reasoning));
  log.tool_refusal_detected = desk.refused_tools;
  log.refusal_retry_engaged = state.refusal.has_value();
  log.sandbox_session_recreated = desk.sandbox_recreated;
  log.skills_invoked = desk.invocations;
  if (!desk.invocations.empty())
    log.skill_used = desk.invocations.front().name;
  log.skill_budget_exceeded = desk.skills.budget_exceeded;
  return log;
}

}  // namespace persona_runtime
