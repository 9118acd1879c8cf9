// What a reply of a step leads to: tools, a question, the end, or another step.

#include "domain/event/produced_files.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/run/draft.hpp"
#include "domain/run/tool_calls.hpp"
#include "domain/skill/audit.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/text/joined.hpp"
#include "domain/text/markers.hpp"
#include "domain/text/question.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/tool/audit.hpp"
#include "domain/tool/result_bounds.hpp"
#include "domain/tool/summarize.hpp"
#include "domain/tool/told_fact.hpp"
#include "domain/tool/toolbox.hpp"

#include <algorithm>

namespace persona_runtime::deciding {
namespace {

constexpr std::size_t shown_name_max = 128;  // a model may call anything

std::vector<std::string> offered_names(const run_setup& setup) {
  auto out = std::vector<std::string>{};
  for (const auto& tool : setup.tools)
    out.push_back(tool.name);
  return out;
}

tool_verdict verdict_of(const run_setup& setup, std::string_view name) {
  if (setup.find_tool(name) != nullptr)
    return tool_verdict::runs;
  return setup.is_allowed(name) ? tool_verdict::not_registered : tool_verdict::not_allowed;
}

/// Empty when the call may start, else what the model is told instead of a result.
std::string why_not(const draft& d, call_index index) {
  const auto& setup = *d.now.setup;
  const auto& call = d.now.calls[index.value].call;
  const auto name = printable(call.name, shown_name_max);
  if (call.truncated)
    return with_values(setup.texts.truncated_call, {{"tool", name.empty() ? "tool" : name}});
  if (index.value >= d.rules.calls_max)
    return with_values(setup.texts.too_many_calls, {{"max", std::to_string(d.rules.calls_max)}});
  switch (verdict_of(setup, call.name)) {
  case tool_verdict::runs:
    return {};
  case tool_verdict::not_registered:
    return with_values(setup.texts.unregistered_tool, {{"tool", name}});
  case tool_verdict::not_allowed:
    break;
  }
  return with_values(setup.texts.unavailable_tool,
                     {{"tool", name}, {"available", joined(offered_names(setup), ", ")}});
}

memory_scope talk_of(const run_state& s) {
  return talk_scope(s.spec->persona, s.spec->owner, {});
}

bool is_approved(const run_setup& setup, const skill& s) {
  return is_trusted(s.trust)
         || std::ranges::find(setup.skills_approved, s.name) != setup.skills_approved.end();
}

void show_start(draft& d, call_index index) {
  auto& c = d.now.calls[index.value];
  c.began = d.clock;
  const auto step = d.now.step;
  d.note(fact::activity_began{start_of(c.call, activity_id(d.now, index)), step});
}

/// Carried out here: it needs nothing but the setup, and its order among the calls matters.
void answer_use_skill(draft& d, call_index index) {
  const auto call = d.now.calls[index.value].call;
  const auto& setup = *d.now.setup;
  show_start(d, index);
  auto asked = read_skill_request(call.arguments, setup.skills);
  if (asked.wanted != nullptr) {
    const auto& s = *asked.wanted;
    auto chain = d.now.skills;
    const auto made =
      activate(chain, s, is_approved(setup, s), d.rules.nonce, {setup.about_skills});
    auto text = skill_message(made, s, setup.about_skills);
    const auto size = d.rules.size_of(role::user, text);
    if (auto event = skill_audit_of(made, s))
      d.now.audits.push_back(audit_request(talk_of(d.now), std::move(*event), d.clock));
    d.note(fact::skill_asked{index, s.name, made.outcome, made.tokens, std::move(text), size});
  }
  auto answer = tool_replied{};
  answer.index = index;
  answer.size = d.rules.size_of(role::tool, asked.answer.content);
  answer.result = std::move(asked.answer);
  show_end(d, index, answer.result);
  note_result(d, index, answer);
}

/// A call that is answered without having been sent. Cut-off calls show no activity.
void refuse_call(draft& d, call_index index, tool_replied answer) {
  const auto& call = d.now.calls[index.value].call;
  if (!call.truncated && index.value < d.rules.calls_max) {
    const auto& setup = *d.now.setup;
    const auto why = refusal_of(verdict_of(setup, call.name), call.name, offered_names(setup));
    const auto id = activity_id(d.now, index);
    show_start(d, index);
    d.note(fact::activity_ended{failed_end_of(id, activity_status::error, why.type, why.message, 0),
                                d.now.step});
  }
  note_result(d, index, answer);
}

/// A call that could not be carried out needs no model to say so.
void refuse_bad_summary(draft& d, call_index index) {
  auto wish = read_summary_wish(d.now.calls[index.value].call.arguments);
  auto* refused = std::get_if<tool_result>(&wish);
  if (refused == nullptr)
    return;
  show_start(d, index);
  auto answer = refusal_of(d, index, std::move(refused->content));
  show_end(d, index, answer.result);
  note_result(d, index, answer);
}

void answer_what_needs_no_tool(draft& d) {
  const auto step = d.now.step;
  for (auto i = call_index{}; d.now.step == step && i.value < d.now.calls.size(); ++i.value) {
    if (d.now.calls[i.value].answer)
      continue;
    if (auto text = why_not(d, i); !text.empty())
      refuse_call(d, i, refusal_of(d, i, std::move(text)));
    else if (d.now.calls[i.value].call.name == use_skill_name)
      answer_use_skill(d, i);
    else if (d.now.calls[i.value].call.name == text_summarize_name)
      refuse_bad_summary(d, i);
  }
}

bool is_exclusive(const draft& d, const call_progress& c) {
  const auto* tool = d.now.setup->find_tool(c.call.name);
  return tool != nullptr && tool->exclusive;
}

void send_call(draft& d, call_index index) {
  auto& c = d.now.calls[index.value];
  const auto* tool = d.now.setup->find_tool(c.call.name);
  if (tool != nullptr && tool->effect == tool_effect::side_effect && !c.started)
    d.note(fact::tool_started{index});
  if (!c.shown)
    show_start(d, index);
  c.sent = true;
  if (c.began == instant{})
    c.began = d.clock;  // it began in an earlier incarnation
  if (c.call.name == text_summarize_name)
    return begin_summary(d, index);
  const auto part = budget_of(d, call_kind::step) / 4;
  d.then(
    call_tool{current(d.now), index, c.call, d.now.spec->owner, d.now.spec->persona, {}, part});
}

void begin_tools(draft& d, const model_replied& in) {
  const auto step = d.now.step;
  d.note(fact::tool_calling{step, in.reply.calls});
  answer_what_needs_no_tool(d);
  d.now.phase == run_phase::tools ? start_tools(d) : go_on(d);
}

std::optional<suppress_reason> why_suppressed(const run_state& s, const std::string& question) {
  if (s.questions_asked >= s.questions_max)
    return suppress_reason::cap;
  if (s.questions.contains(normalised_question(question)))
    return suppress_reason::repeated;
  return std::nullopt;
}

void ask(draft& d, std::string question) {
  const auto step = d.now.step;
  if (question.empty())
    question = d.now.setup->texts.generic_question;  // D-5
  if (const auto why = why_suppressed(d.now, question)) {
    d.note(fact::question_suppressed{step, std::move(question), *why});
    d.note(fact::answered{{}, {}, false});
    return go_on(d);
  }
  d.note(fact::asking_user{step, std::move(question), d.now.setup->texts.question_options,
                           question_id_of(step)});
  if (d.now.spec->ask_user)
    return d.then(await_answer{current(d.now)});
  d.note(fact::answered{{}, {}, false});
  go_on(d);
}

void complete(draft& d, std::string output) {
  const auto step = d.now.step;
  d.note(fact::concluded{output, {}, {}});
  d.note(fact::completed{step, std::move(output)});
  end(d, run_status::completed);
}

void reason(draft& d, const std::string& text) {
  const auto step = d.now.step;
  d.note(fact::reasoning{step, text});
  if (d.now.reasoning_in_row >= d.rules.reasoning_steps_max)
    return end_with_error(d, step, "no_progress",
                          std::to_string(d.rules.reasoning_steps_max)
                            + " steps in a row without a tool call, a question or a result");
  go_on(d);
}

}  // namespace

void on_step_reply(draft& d, const model_replied& in) {
  const auto& reply = in.reply;
  const auto count = [&d](std::string_view text) {
    return d.rules.size_of(role::assistant, text).alone;
  };
  d.note(fact::replied{
    reply.text, reply.size, reply.calls,
    argument_tokens(reply.calls, count) + bounded_tokens(reply.thinking.blocks, count),
    std::string{tier_of(d.now, call_kind::step)}, in.model,
    reply.usage.prompt + reply.usage.completion, reply.latency_ms, reply.thinking});
  if (!reply.calls.empty())
    return begin_tools(d, in);
  auto meaning = classify_reply(reply.text);
  if (auto* done = std::get_if<final_output>(&meaning))
    return complete(d, std::move(done->output));
  if (auto* question = std::get_if<user_question>(&meaning))
    return ask(d, std::move(question->question));
  reason(d, reply.text);
}

tool_replied refusal_of(const draft& d, call_index index, std::string text) {
  auto answer = tool_replied{};
  answer.index = index;
  answer.size = d.rules.size_of(role::tool, text);
  answer.result = error_result(std::move(text));
  answer.result.call_id = d.now.calls[index.value].call.call_id;
  return answer;
}

void start_tools(draft& d) {
  const auto alone = [&d](const auto& c) { return is_exclusive(d, c); };
  while (const auto next = next_to_start(d.now.calls, d.rules.parallel_tools_max, alone))
    send_call(d, *next);
}

void show_end(draft& d, call_index index, const tool_result& result) {
  const auto& c = d.now.calls[index.value];
  const auto step = d.now.step;
  const auto took = c.began == instant{} ? 0.0 : static_cast<double>(d.clock.value - c.began.value);
  d.note(fact::activity_ended{end_of(activity_id(d.now, index), result, took), step});
}

void note_result(draft& d, call_index index, const tool_replied& answer) {
  const auto step = d.now.step;
  const auto call = d.now.calls[index.value].call;
  const auto& result = answer.result;
  auto kept = fact::result_kept{index, result, answer.size, answer.shortened, answer.is_shortened};
  kept.rest.content.clear();
  kept.bad_name = result.is_error && !call.truncated && !d.now.setup->is_allowed(call.name);
  d.note(std::move(kept));
  d.note(fact::tool_result{step, call.call_id, call.name, result.is_error, result.content,
                           produced_files(result.data), result.artifacts});
  if (auto change = memory_change_of(call.name, result))
    d.note(fact::memory_changed{step, std::move(change->action), memory_store_kind::self_facts,
                                std::move(change->logical_id), std::move(change->text)});
  if (auto event = tool_audit_of(call.name, result))
    d.now.audits.push_back(audit_request(talk_of(d.now), std::move(*event), d.clock));
}

/// A side effect that began and has no result may have happened: never do it twice. Everything
/// else runs again, under the same idempotency key.
void give_up_unknown_outcomes(draft& d) {
  const auto step = d.now.step;
  for (auto i = call_index{}; d.now.step == step && i.value < d.now.calls.size(); ++i.value) {
    const auto& c = d.now.calls[i.value];
    if (!c.started || c.answer)
      continue;
    auto text = with_values(d.now.setup->texts.outcome_unknown, {{"tool", c.call.name}});
    auto answer = refusal_of(d, i, std::move(text));
    if (c.shown)
      d.note(fact::activity_ended{failed_end_of(activity_id(d.now, i), activity_status::error,
                                                "Interrupted", answer.result.content, 0),
                                  step});
    note_result(d, i, answer);
  }
}

}  // namespace persona_runtime::deciding
