#pragma once
// A decision in the making. Shared by the files that make up `decide`; nobody else needs it.

#include "domain/run/decide.hpp"

namespace persona_runtime::deciding {

struct draft {
  run_state& now;
  const run_rules& rules;
  instant clock;
  decision out{};

  void note(record r) {
    ::persona_runtime::apply(now, r);
    out.records.push_back(std::move(r));
  }
  void then(effect e) { out.effects.push_back(std::move(e)); }
};

/// Records that come last, whatever the reason: the run is over.
void end(draft& d, run_status status);
void end_with_error(draft& d, step_index step, std::string kind, std::string message);

/// What the run does between two calls: asks for a grant of the next one, or ends.
void go_on(draft& d);

/// A grant: reserves, and calls the model.
void begin_call(draft& d, const step_granted& grant);

/// The tier of the next call, as requested.
std::string_view tier_of(const run_state& s, call_kind kind);

void on_step_reply(draft& d, const model_replied& in);
void on_fold_reply(draft& d, const model_replied& in);
void on_partial_result(draft& d, const std::string& text);
void on_call_lost(draft& d, const model_failed& in);
void on_refused(draft& d, const step_refused& in);

/// Asks for a grant of a hedge; a grant: reserves it, and tells the tier. What it could harm (a
/// prompt that does not fit, a reply that would be cut shorter) makes it no hedge.
void on_hedge_wanted(draft& d, const hedge_wanted& in);
void begin_hedge(draft& d, const step_granted& grant);
/// Before the attempt that counts is settled.
void settle_lost(draft& d, const std::optional<lost_call>& lost);

/// What the run is reminded of before its first step: asks memory, and takes in its answer.
void recall(draft& d);
void on_recalled(draft& d, const memory_recalled& in);

/// The model call behind a call of text_summarize, which is exclusive: nothing else is under way.
void begin_summary(draft& d, call_index index);
void begin_summary_call(draft& d, const step_granted& grant);
void on_summary_refused(draft& d, const step_refused& in);
void on_summary_reply(draft& d, const model_replied& in);
void on_summary_lost(draft& d, const model_failed& in);

void start_tools(draft& d);
void note_result(draft& d, call_index index, const tool_replied& answer);
/// The end of a call's activity, as viewers see it.
void show_end(draft& d, call_index index, const tool_result& result);
tool_replied refusal_of(const draft& d, call_index index, std::string text);
void give_up_unknown_outcomes(draft& d);

/// Tokens that a prompt of the next call of `kind` may take; 0 when no tier serves it.
std::uint64_t budget_of(const draft& d, call_kind kind);
/// Tokens of the prompt of such a call, at most, as `model` counts them.
std::uint64_t worst_case(const draft& d, call_kind kind, const model_entry& model);
call_kind next_kind(const draft& d);

}  // namespace persona_runtime::deciding
