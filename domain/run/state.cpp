#include "domain/run/state.hpp"

#include "domain/prompt/section.hpp"
#include "domain/text/question.hpp"
#include "domain/text/sha256.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

message_ptr make_message(message m) {
  return std::make_shared<const message>(std::move(m));
}

message_ptr user_message(const std::string& text, message_size size) {
  return make_message(
    {role::user, message_kind::plain, shared_text{text}, size, {}, {}, {}, false});
}

void push(run_state& s, message_ptr m) {
  s.context_size += m->size.followed;
  s.context.push_back(std::move(m));
}

void spend(run_state& s, const budget_amount& amount) {
  s.spent.tokens += amount.tokens;
  s.spent.cents = add_cents(s.spent.cents, amount.cents);
  s.reserved = {};
}

void close_step(run_state& s, step_end how) {
  s.last_step = how;
  s.reasoning_in_row = how == step_end::reasoning ? s.reasoning_in_row + 1 : 0;
  s.restarts_in_row = 0;
  ++s.step.value;
  s.thought = false;
  s.attempt = {};
  s.walk = {};
  s.phase = run_phase::boundary;
  s.status = run_status::running;
}

/// In call order, whatever the order of completion was.
void close_tools(run_state& s) {
  auto bad_name = std::string{};
  for (auto& c : s.calls) {
    if (c.bad_name)
      bad_name = c.call.name;
    push(s, std::move(c.answer));
  }
  for (auto& c : s.calls) {
    if (c.skill)
      push(s, std::move(c.skill));
  }
  if (!bad_name.empty() && bad_name == s.bad_name)
    push(s, s.setup->invented_tool_nudge);
  s.bad_name = std::move(bad_name);
  s.calls.clear();
  close_step(s, step_end::tool_call);
}

struct applier {
  run_state& s;

  bool has_open_attempt() const {
    return s.phase == run_phase::calling || (s.phase == run_phase::tools && s.reserved.tokens > 0);
  }

  void operator()(const fact::accepted& r) const {
    s.run = r.run;
    s.spec = r.spec;
    push(s, s.setup->floor);
    s.questions_max = s.setup->questions_max;
    push(s, user_message(r.spec->task, r.spec->task_size));
  }
  void operator()(const fact::reserved& r) const {
    if (r.beside) {
      s.reserved = both(s.reserved, r.amount);
      return;
    }
    spend(s, s.reserved);
    s.reserved = r.amount;
    s.calling = r.kind;
    s.attempt = r.attempt;
    s.reply_tokens_max = r.reply_tokens_max;
    if (r.kind != call_kind::tool_summary)
      s.phase = run_phase::calling;
  }
  void operator()(const fact::settled& r) const {
    s.reserved = {};
    spend(s, {r.usage.prompt + r.usage.completion, r.cents});
    ++s.attempt.value;
    s.walk = {};
    s.phase = s.calls.empty() ? run_phase::boundary : run_phase::tools;
  }
  void operator()(const fact::retried& r) const {
    if (has_open_attempt())  // else `settled` has counted it
      ++s.attempt.value;
    s.walk = r.walk;
  }
  void operator()(const fact::replied& r) const {
    s.call_tokens += r.call_tokens;
    s.last_tier = r.tier;
    s.last_model = r.model;
    push(s, make_message({role::assistant,
                          message_kind::plain,
                          shared_text{r.text},
                          r.size,
                          r.calls,
                          {},
                          {},
                          false,
                          {},
                          r.thinking}));
  }
  void operator()(const fact::tool_started& r) const { s.calls.at(r.call.value).started = true; }
  void operator()(const fact::result_kept& r) const {
    s.result_of = r.call;
    s.result_rest = r.rest;
    s.result_size = r.size;
    s.result_shortened = r.shortened;
    s.result_is_shortened = r.is_shortened;
    s.calls.at(r.call.value).bad_name = r.bad_name;
  }
  void operator()(const fact::skill_asked& r) const {
    s.calls.at(r.call.value).skill = user_message(r.text, r.size);
    if (r.outcome == skill_outcome::active) {
      s.skills.names.push_back(r.name);
      s.skills.tokens_used += r.tokens;
    }
    s.skills.budget_exceeded |= r.outcome == skill_outcome::over_budget;
  }
  void operator()(const fact::reminded& r) const {
    s.reminded = true;
    s.questions_max = r.questions_max.value_or(s.questions_max);
    if (r.text.empty())
      return;
    auto floor = *s.context.at(0);
    s.context_size += r.size.followed - floor.size.followed;
    floor.content = shared_text{floor.content.str() + std::string{section_gap} + r.text};
    floor.size = r.size;
    s.context[0] = make_message(std::move(floor));
  }
  void operator()(const fact::answered& r) const {
    push(s, r.by_user ? user_message(r.text, r.size) : s.setup->no_answer);
    close_step(s, step_end::ask_user);
  }
  void operator()(const fact::folded& r) const {
    const auto first = s.context.begin() + r.first;
    const auto last = first + r.count;
    for (auto i = first; i != last; ++i)
      s.context_size -= (*i)->size.followed;
    const auto at = s.context.erase(first, last);
    if (!r.dropped) {
      s.context_size += r.size.followed;
      s.context.insert(at, make_message({role::system,
                                         message_kind::step_compaction,
                                         shared_text{r.text},
                                         r.size,
                                         {},
                                         {},
                                         {},
                                         false}));
    }
    s.fold_not_before = static_cast<std::uint32_t>(s.context.size()) + 4;
  }
  void operator()(const fact::fold_failed&) const {
    s.fold_not_before = static_cast<std::uint32_t>(s.context.size()) + 4;
  }
  void operator()(const fact::shortened& r) const {
    auto copy = *s.context.at(r.at);
    s.context_size -= copy.size.followed;
    s.context_size += r.size.followed;
    copy.content = shared_text{r.text};
    copy.size = r.size;
    s.context[r.at] = make_message(std::move(copy));
  }
  void operator()(const fact::winding_up& r) const {
    s.ending = r.status;
    s.walk = {};
  }
  void operator()(const fact::concluded& r) const { s.output = r.output; }

  void operator()(const fact::started&) const {}
  void operator()(const fact::resumed& r) const {
    s.life = r.life;
    if (r.reason == resume_reason::restart)
      ++s.restarts_in_row;
    for (auto& c : s.calls)
      c.sent = false;
    s.summarising.reset();
    if (!has_open_attempt())
      return;
    spend(s, s.reserved);  // the lost attempt may have cost all of it
    ++s.attempt.value;
    s.walk = {};
    if (s.phase == run_phase::calling)
      s.phase = run_phase::boundary;
  }
  void operator()(const fact::thinking&) const { s.thought = true; }
  void operator()(const fact::tool_calling&) const {
    s.phase = run_phase::tools;
    for (const auto& call : s.context.back()->calls)  // the event does not show all of them
      s.calls.push_back({call, false, false, false, false, {}, nullptr, nullptr});
  }
  void operator()(const fact::memory_recall&) const {}
  void operator()(const fact::activity_began& r) const {
    for (auto i = call_index{}; i.value < s.calls.size(); ++i.value) {
      auto& c = s.calls[i.value];
      if (!c.shown && r.what.activity_id == activity_id(s, i)) {
        c.shown = true;
        return;
      }
    }
  }
  void operator()(const fact::activity_ended&) const {}
  void operator()(const fact::memory_changed&) const {}
  void operator()(const fact::tool_result& r) const {
    auto& c = s.calls.at(s.result_of.value);
    s.tools_used.insert(c.call.name);
    auto content = s.result_is_shortened ? std::exchange(s.result_shortened, {}) : r.content;
    c.answer = make_message({role::tool,
                             message_kind::plain,
                             shared_text{std::move(content)},
                             s.result_size,
                             {},
                             c.call.call_id,
                             r.tool_name,
                             r.is_error});
    s.result_rest = {};
    if (std::ranges::all_of(s.calls, [](const auto& p) { return p.answer != nullptr; }))
      close_tools(s);
  }
  void operator()(const fact::asking_user& r) const {
    s.phase = run_phase::asking;
    s.status = run_status::awaiting_user;
    s.question_id = r.question_id;
    ++s.questions_asked;
    s.questions.insert(normalised_question(r.question));
  }
  void operator()(const fact::user_responded&) const { s.question_id.clear(); }
  void operator()(const fact::question_suppressed&) const {}
  void operator()(const fact::reasoning&) const {
    const auto strong = s.reasoning_in_row + 1 >= 3;  // D-18
    push(s, strong ? s.setup->strong_nudge : s.setup->reasoning_nudge);
    close_step(s, step_end::reasoning);
  }
  void operator()(const fact::compacted&) const {}
  void operator()(const fact::fell_over&) const {}
  void operator()(const fact::budget& r) const {
    (r.kind == budget_kind::tokens       ? s.warned_tokens
     : r.kind == budget_kind::cost_cents ? s.warned_cents
                                         : s.warned_deadline) = true;
  }
  void operator()(const fact::completed&) const { ++s.step.value; }
  void operator()(const fact::cancelled&) const {}
  void operator()(const fact::max_steps&) const {}
  void operator()(const fact::error&) const {}
  void operator()(const fact::finished& r) const {
    spend(s, s.reserved);
    s.calls.clear();
    s.context.clear();
    s.context_size = 0;
    s.status = r.status;
    s.phase = run_phase::ended;
  }
};

}  // namespace

void apply(run_state& state, const record& r) {
  std::visit(applier{state}, r);
  ++state.pos;
  if (is_public(r))
    ++state.seq.value;
}

identity current(const run_state& state) {
  return {state.run, state.life, state.step, state.attempt};
}

std::uint64_t rendered_size(const run_state& state) {
  if (state.context.empty())
    return 0;
  const auto& last = state.context.back()->size;
  return state.context_size - last.followed + last.alone;
}

std::string activity_id(const run_state& state, call_index call) {
  return sha256_text(state.run.value + '/' + std::to_string(state.step.value) + '/'
                     + std::to_string(call.value))
    .substr(0, 32);
}

std::string question_id_of(step_index step) {
  return "q_" + std::to_string(step.value);
}

budget_amount both(const budget_amount& a, const budget_amount& b) {
  return {a.tokens + b.tokens, add_cents(a.cents, b.cents)};
}

std::optional<double> add_cents(std::optional<double> a, std::optional<double> b) {
  if (!a || !b)
    return std::nullopt;
  return *a + *b;
}

}  // namespace persona_runtime
