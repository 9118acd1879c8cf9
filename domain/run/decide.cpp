#include "domain/run/decide.hpp"

#include "domain/run/attempt_facts.hpp"
#include "domain/run/draft.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace deciding {

void end(draft& d, run_status status) {
  const auto steps = d.now.step;
  d.note(fact::finished{steps, status});
  d.then(run_ended{d.now.run, status, d.now.spent});
}

void end_with_error(draft& d, step_index step, std::string kind, std::string message) {
  d.note(fact::concluded{std::nullopt, kind + ": " + message, kind});
  d.note(fact::error{step, std::move(kind), std::move(message)});
  end(d, run_status::error);
}

namespace {

/// Ends the run in the middle of whatever it does; the step under way is not recorded.
void abort(draft& d) {
  d.then(cancel_calls{d.now.run, d.now.life});
}

void on_deadline(draft& d) {
  abort(d);
  const auto limit = d.now.spec->limits.deadline_s.value_or(0);
  d.note(
    fact::concluded{std::nullopt, "budget_exhausted: the deadline has passed", "budget_exhausted"});
  d.note(fact::budget{d.now.step, budget_kind::deadline, limit, limit, 0});
  end(d, run_status::budget_exhausted);
}

void resume(draft& d, const begin& in) {
  d.note(fact::resumed{in.life, d.now.step, in.reason});
  if (d.now.restarts_in_row >= d.rules.restarts_max)
    return end_with_error(d, d.now.step, "crash_loop",
                          "the process ended " + std::to_string(d.rules.restarts_max)
                            + " times in a row without a finished step");
  if (d.now.phase == run_phase::tools)
    give_up_unknown_outcomes(d);
}

void close_question(draft& d, const std::string& text, message_size size, bool by_user) {
  const auto step = d.now.step;
  const auto id = d.now.question_id;
  d.note(fact::answered{text, size, by_user});
  if (by_user)
    d.note(fact::user_responded{step, id});
  go_on(d);
}

std::string_view why_not_answerable(const run_state& s, const user_answer& in) {
  if (s.phase != run_phase::asking)
    return "nothing is asked";
  if (!in.question_id.empty() && in.question_id != s.question_id)
    return "that question is not open any more";
  return {};
}

struct decider {
  draft& d;

  bool is_current(run_phase phase, const identity& call) const {
    return d.now.phase == phase && call == current(d.now);
  }

  /// A call of text_summarize waits for its grant or its model.
  bool is_summary(const identity& call) const {
    return d.now.summarising && is_current(run_phase::tools, call);
  }

  void operator()(const begin& in) const {
    if (in.life > d.now.life)
      resume(d, in);
    if (d.now.phase == run_phase::boundary)
      d.rules.recalls && !d.now.reminded ? recall(d) : go_on(d);
    else if (d.now.phase == run_phase::tools)
      start_tools(d);
    else if (d.now.phase == run_phase::asking)
      d.then(await_answer{current(d.now)});
  }
  void operator()(const step_granted& in) const {
    if (is_current(run_phase::boundary, in.call))
      begin_call(d, in);
    else if (is_current(run_phase::calling, in.call))
      begin_hedge(d, in);
    else if (is_summary(in.call))
      begin_summary_call(d, in);
  }
  void operator()(const step_refused& in) const {
    if (is_current(run_phase::boundary, in.call))
      on_refused(d, in);
    else if (is_summary(in.call))
      on_summary_refused(d, in);
  }
  void operator()(const memory_recalled& in) const {
    if (is_current(run_phase::boundary, in.call) && !d.now.reminded)
      on_recalled(d, in);
  }
  void operator()(const model_replied& in) const {
    if (is_summary(in.call))
      return on_summary_reply(d, in);
    if (!is_current(run_phase::calling, in.call))
      return;
    const auto kind = d.now.calling;
    settle_lost(d, in.lost);
    d.note(settled_by(in));
    switch (kind) {
    case call_kind::step:
      return on_step_reply(d, in);
    case call_kind::compaction:
      return on_fold_reply(d, in);
    case call_kind::partial_result:
      return on_partial_result(d, in.reply.text);
    case call_kind::tool_summary:
      return;  // such a call is never `calling`
    }
  }
  void operator()(const model_failed& in) const {
    if (is_current(run_phase::calling, in.call))
      on_call_lost(d, in);
    else if (is_summary(in.call))
      on_summary_lost(d, in);
  }
  void operator()(const hedge_wanted& in) const {
    if (is_current(run_phase::calling, in.call))
      on_hedge_wanted(d, in);
  }
  void operator()(const tool_replied& in) const {
    if (!is_current(run_phase::tools, in.call) || in.index.value >= d.now.calls.size()
        || d.now.calls[in.index.value].answer)
      return;
    show_end(d, in.index, in.result);
    note_result(d, in.index, in);
    d.now.phase == run_phase::tools ? start_tools(d) : go_on(d);
  }
  void operator()(const user_answer& in) const {
    if (const auto why = why_not_answerable(d.now, in); !why.empty())
      return d.then(answer_refused{in.ticket, {errc::not_awaiting_user, std::string{why}}});
    d.then(answer_taken{in.ticket});
    close_question(d, in.text, in.size, true);
  }
  void operator()(const question_timed_out& in) const {
    if (is_current(run_phase::asking, in.call))
      close_question(d, {}, {}, false);
  }
  void operator()(const cancel& in) const {
    abort(d);
    d.note(fact::cancelled{d.now.step, in.reason});
    end(d, run_status::cancelled);
  }
  void operator()(const deadline_passed&) const { on_deadline(d); }
  void operator()(const crashed_too_often&) const {
    abort(d);
    end_with_error(d, d.now.step, "crash_loop", "three crashes within 60 s");
  }
};

}  // namespace
}  // namespace deciding

budget_amount committed_before(const reserve_step& what) {
  return what.beside ? both(what.spent, *what.beside) : what.spent;
}

bool may_come_early(const effect& e) {
  return std::holds_alternative<recall_memory>(e) || std::holds_alternative<reserve_step>(e)
         || std::holds_alternative<cancel_calls>(e) || std::holds_alternative<answer_refused>(e);
}

bool may_ride_along(const decision& d) {
  return d.effects.size() == 1 && std::holds_alternative<reserve_step>(d.effects.front());
}

decision decide(run_state& state, const input& in, const run_rules& rules, instant now) {
  if (state.phase == run_phase::ended) {
    if (const auto* answer = std::get_if<user_answer>(&in))
      return {{}, {answer_refused{answer->ticket, {errc::not_awaiting_user, "the run has ended"}}}};
    return {};
  }
  auto d = deciding::draft{state, rules, now};
  std::visit(deciding::decider{d}, in);
  return std::move(d.out);
}

std::vector<record> accept(run_state& fresh, const run_id& run, spec_ptr spec) {
  auto task = spec->task;
  auto records =
    std::vector<record>{fact::accepted{run, std::move(spec)}, fact::started{std::move(task)}};
  for (const auto& r : records)
    ::persona_runtime::apply(fresh, r);
  return records;
}

}  // namespace persona_runtime
