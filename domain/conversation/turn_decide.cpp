#include "domain/conversation/turn_decide.hpp"

#include "domain/conversation/turn_draft.hpp"

#include <utility>

namespace persona_runtime {
namespace turning {

void end(turn_draft& d, message_status status) {
  d.note(turn_fact::finished{status});
  d.then(turn_ended{d.now.spec->answer, status});
}

memory_scope talk_of(const turn_state& s) {
  return talk_scope(s.spec->persona, s.spec->owner, s.spec->user);
}

void end_with_error(turn_draft& d, std::string kind, std::string message) {
  d.note(turn_fact::failed{std::move(kind), std::move(message)});
  end(d, message_status::error);
}

void account(turn_draft& d, const tier_entry* tier, std::string_view label,
             const token_usage& usage) {
  const auto* model = tier == nullptr ? nullptr : tier->find(label);
  if (model != nullptr)
    d.now.desk.tally.add(*model, usage);
}

void account(turn_draft& d, const tier_entry* tier, const model_failed& in) {
  if (!is_not_sent(in.error))
    account(d, tier, in.model, in.usage);
}

namespace {

/// Ends the turn in the middle of whatever it does.
void abort(turn_draft& d) {
  d.then(cancel_calls{d.now.spec->answer, d.now.life});
  give_up_calls(d);
}

void begin_turn(turn_draft& d, const turn_begins& in) {
  d.now.desk.frame = in.frame;
  const auto& spec = *d.now.spec;
  const auto& who = *in.frame->setup->who;
  const auto declared = declared_capabilities{{who.skills.begin(), who.skills.end()},
                                              {who.tools.begin(), who.tools.end()}};
  auto task = in.frame->keeps_nothing ? std::nullopt
                                      : detect_task(spec.text, d.rules.tables->tasks, declared);
  if (task)
    d.note(turn_fact::task_detected{std::move(*task)});
  auto what = recall_request{};
  what.scope = talk_of(d.now);
  what.text = spec.text;
  what.history_turns = static_cast<std::int64_t>(history_before(*in.frame));
  what.left_out = in.frame->shown_episodes;
  what.with_identity = !in.frame->keeps_nothing;  // it stands in the log only
  d.then(recall_memory{current(d.now), std::move(what)});
}

struct turn_decider {
  turn_draft& d;

  [[nodiscard]] bool is_current(turn_phase phase, const identity& call) const {
    return d.now.phase == phase && call == current(d.now);
  }

  /// A call of text_summarize waits for its grant or its model.
  [[nodiscard]] bool is_summary(const identity& call) const {
    return d.now.desk.summarising && is_current(turn_phase::tools, call);
  }

  void operator()(const turn_begins& in) const {
    if (d.now.phase == turn_phase::recalling && d.now.desk.frame == nullptr)
      begin_turn(d, in);
  }
  void operator()(const memory_recalled& in) const {
    if (is_current(turn_phase::recalling, in.call))
      on_recalled(d, in);
  }
  void operator()(const step_granted& in) const {
    if (is_current(turn_phase::boundary, in.call))
      begin_call(d, in);
    else if (is_current(turn_phase::calling, in.call))
      begin_hedge(d, in);
    else if (is_summary(in.call))
      begin_summary_call(d, in);
  }
  void operator()(const step_refused& in) const {
    if (is_current(turn_phase::boundary, in.call))
      on_refused(d, in);
    else if (is_summary(in.call))
      on_summary_refused(d, in);
  }
  void operator()(const text_arrived& in) const {
    if (is_current(turn_phase::calling, in.call))
      on_text(d, in);
  }
  void operator()(const hedge_wanted& in) const {
    if (is_current(turn_phase::calling, in.call))
      on_hedge_wanted(d, in);
  }
  void operator()(const model_replied& in) const {
    if (is_current(turn_phase::calling, in.call))
      on_reply(d, in);
    else if (is_summary(in.call))
      on_summary_reply(d, in);
  }
  void operator()(const model_failed& in) const {
    if (is_current(turn_phase::calling, in.call))
      on_call_lost(d, in);
    else if (is_summary(in.call))
      on_summary_lost(d, in);
  }
  void operator()(const tool_replied& in) const {
    if (is_current(turn_phase::tools, in.call))
      on_tool_reply(d, in);
  }
  void operator()(const cancel& in) const {
    abort(d);
    d.note(fact::cancelled{d.now.round, in.reason});
    end(d, message_status::cancelled);
  }
  void operator()(const deadline_passed&) const {
    abort(d);
    end_with_error(d, "budget_exhausted", "the turn's deadline has passed");
  }
  void operator()(const turn_left_behind& in) const {
    d.note(turn_fact::taken_up{in.life, in.reason});
    give_up_calls(d);
    if (in.reason == resume_reason::crash)
      return end_with_error(d, "internal_error", "the turn was ended by a failure of the runtime");
    end(d, message_status::interrupted);
  }
};

}  // namespace
}  // namespace turning

bool may_come_early(const turn_effect& e) {
  return std::holds_alternative<reserve_step>(e) || std::holds_alternative<cancel_calls>(e)
         || std::holds_alternative<recall_memory>(e);
}

turn_decision decide(turn_state& state, const turn_input& in, const turn_rules& rules,
                     instant now) {
  if (state.phase == turn_phase::ended || state.spec == nullptr)
    return {};
  auto d = turning::turn_draft{state, rules, now};
  std::visit(turning::turn_decider{d}, in);
  return std::move(d.out);
}

std::vector<turn_record> open_turn(turn_state& fresh, turn_spec_ptr spec) {
  auto records = std::vector<turn_record>{turn_fact::opened{std::move(spec)}};
  ::persona_runtime::apply(fresh, records.front());
  return records;
}

}  // namespace persona_runtime
