#pragma once
// A decision in the making. Shared by the files that make up a turn's `decide`; nobody else needs
// it.

#include "domain/conversation/turn_decide.hpp"

namespace persona_runtime::turning {

struct turn_draft {
  turn_state& now;
  const turn_rules& rules;
  instant clock;
  turn_decision out{};

  void note(turn_record r) {
    ::persona_runtime::apply(now, r);
    out.records.push_back(std::move(r));
  }
  void then(turn_effect e) { out.effects.push_back(std::move(e)); }
  [[nodiscard]] const turn_setup& setup() const { return *now.desk.frame->setup; }
};

/// The last record and the last word.
void end(turn_draft& d, message_status status);
void end_with_error(turn_draft& d, std::string kind, std::string message);

/// Ends the turn with the answer that is there, or with the calls that the client carries out.
void complete(turn_draft& d);

/// Says something behind the user's message.
void say(turn_draft& d, std::string text);

/// Memory is here: asks back, or goes on to the first round.
void on_recalled(turn_draft& d, const memory_recalled& in);

/// Routes the turn and begins its first round, or ends it: no tier can take it.
void choose_tier(turn_draft& d);

/// Asks for a grant of the next model call.
void go_on(turn_draft& d);
/// A grant: reserves, and calls the model.
void begin_call(turn_draft& d, const step_granted& grant);
void on_refused(turn_draft& d, const step_refused& in);
/// A second model beside the one that does not begin to answer, as in runs.
void on_hedge_wanted(turn_draft& d, const hedge_wanted& in);
void begin_hedge(turn_draft& d, const step_granted& grant);
void on_text(turn_draft& d, const text_arrived& in);
void on_reply(turn_draft& d, const model_replied& in);
void on_call_lost(turn_draft& d, const model_failed& in);

/// Adds an attempt's tokens to the tally; one of a model that is in no tier any more is left out.
void account(turn_draft& d, const tier_entry* tier, std::string_view label,
             const token_usage& usage);
/// The same of one that failed; one that was never sent adds nothing.
void account(turn_draft& d, const tier_entry* tier, const model_failed& in);

/// In which order the turn asks the members of its tier.
member_order order_of(const turn_draft& d);
/// The model that a round asks first; null when no tier serves the turn.
const model_entry* first_model(const turn_draft& d);
/// What the end tells of the choice within the tier, and of money; none: the persona wants none.
std::optional<turn_fact::model_choice> choice_of(const turn_draft& d);
std::optional<turn_fact::spending> spending_of(const turn_draft& d);

/// Whose memory the turn's tools and audit events belong to.
memory_scope talk_of(const turn_state& s);

/// Answers a call of `use_skill`, and makes the skill active if it may be.
tool_result use_skill(turn_draft& d, const tool_call& call);

/// The model call behind a call of text_summarize, which is exclusive: nothing else is under way.
void begin_summary(turn_draft& d, call_index index);
void begin_summary_call(turn_draft& d, const step_granted& grant);
void on_summary_refused(turn_draft& d, const step_refused& in);
void on_summary_reply(turn_draft& d, const model_replied& in);
void on_summary_lost(turn_draft& d, const model_failed& in);
void finish_summary(turn_draft& d, tool_result result);

/// Whether a tool of the client is called.
[[nodiscard]] bool calls_client(const turn_draft& d, const model_reply& reply);
void begin_tools(turn_draft& d, const model_reply& reply);
void start_tools(turn_draft& d);
void on_tool_reply(turn_draft& d, const tool_replied& in);
/// Calls without a result get one that says why, by what their tools declare.
void give_up_calls(turn_draft& d);

}  // namespace persona_runtime::turning
