// The tool calls of a turn.

#include "domain/conversation/turn_draft.hpp"
#include "domain/event/produced_files.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/run/tool_calls.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/tool/audit.hpp"
#include "domain/tool/result_bounds.hpp"
#include "domain/tool/summarize.hpp"
#include "domain/tool/told_fact.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace persona_runtime::turning {
namespace {

/// Models repeat ids; what answers a call must name it alone.
std::vector<tool_call> with_own_ids(std::vector<tool_call> calls) {
  auto taken = std::set<std::string>{};
  for (auto i = std::size_t{0}; i < calls.size(); ++i) {
    const auto given = calls[i].call_id;
    for (auto n = i + 1; calls[i].call_id.empty() || !taken.insert(calls[i].call_id).second; ++n)
      calls[i].call_id = (given.empty() ? "call" : given) + '_' + std::to_string(n);
  }
  return calls;
}

/// None when the call may start, else what the model is told instead of a result.
std::optional<tool_result> why_not(const turn_draft& d, call_index index) {
  if (index.value >= d.rules.calls_max)
    return error_result(
      with_values(d.rules.texts->too_many_calls, {{"max", std::to_string(d.rules.calls_max)}}));
  return refused_call(d.setup().tools, d.now.calls[index.value].call);
}

void show_start(turn_draft& d, call_index index) {
  auto& c = d.now.calls[index.value];
  c.began = d.clock;
  d.note(turn_fact::activity_began{start_of(c.call, activity_id(d.now, index))});
}

double duration_of(const turn_draft& d, const turn_call& c) {
  return static_cast<double>(d.clock.value - c.began.value);
}

void note_result(turn_draft& d, call_index index, const tool_result& result, message_size size,
                 std::string shortened, bool is_shortened) {
  const auto call = d.now.calls[index.value].call;
  auto kept = fact::result_kept{index, result, size, std::move(shortened), is_shortened, false};
  kept.rest.content.clear();
  d.note(std::move(kept));
  d.note(fact::tool_result{d.now.round, call.call_id, call.name, result.is_error, result.content,
                           produced_files(result.data), result.artifacts});
  if (auto change = memory_change_of(call.name, result))
    d.note(fact::memory_changed{{},
                                std::move(change->action),
                                memory_store_kind::self_facts,
                                std::move(change->logical_id),
                                std::move(change->text)});
  if (auto event = tool_audit_of(call.name, result))
    d.now.desk.audits.push_back(audit_request(talk_of(d.now), std::move(*event), d.clock));
}

/// A call that is answered without having been sent. Cut-off calls show no activity.
void refuse(turn_draft& d, call_index index, const tool_result& why) {
  const auto call = d.now.calls[index.value].call;
  if (!call.truncated && index.value < d.rules.calls_max) {
    show_start(d, index);
    const auto id = activity_id(d.now, index);
    const auto refusal = refusal_of(d.setup().tools, call.name);
    d.note(turn_fact::activity_ended{
      failed_end_of(id, activity_status::error, refusal.type, refusal.message, 0)});
  }
  note_result(d, index, why, d.rules.size_of(role::tool, why.content), {}, false);
}

void refuse_what_cannot_start(turn_draft& d) {
  const auto round = d.now.round;
  for (auto i = call_index{}; d.now.round == round && i.value < d.now.calls.size(); ++i.value) {
    if (d.now.calls[i.value].answer)
      continue;
    if (const auto why = why_not(d, i))
      refuse(d, i, *why);
  }
}

const tool_definition* tool_of(const turn_draft& d, const turn_call& c) {
  return d.setup().tools.find(c.call.name);
}

bool is_exclusive(const turn_draft& d, const turn_call& c) {
  const auto* tool = tool_of(d, c);
  return tool != nullptr && tool->exclusive;
}

std::uint64_t result_share(const turn_draft& d) {
  const auto* model = first_model(d);
  return model == nullptr ? 0 : context_budget(*model, d.setup().schema_tokens) / 4;
}

/// What is answered here and now, without a tool.
void answer_skill_call(turn_draft& d, call_index index) {
  show_start(d, index);
  const auto result = use_skill(d, d.now.calls[index.value].call);
  d.note(turn_fact::activity_ended{end_of(activity_id(d.now, index), result, 0)});
  note_result(d, index, result, d.rules.size_of(role::tool, result.content), {}, false);
}

void send_call(turn_draft& d, call_index index) {
  const auto* tool = tool_of(d, d.now.calls[index.value]);
  if (tool->effect == tool_effect::side_effect)
    d.note(fact::tool_started{index});
  show_start(d, index);
  auto& c = d.now.calls[index.value];
  c.sent = true;
  if (c.call.name == text_summarize_name)
    return begin_summary(d, index);
  d.then(call_tool{current(d.now), index, c.call, d.now.spec->owner, d.now.spec->persona,
                   d.now.spec->user, result_share(d)});
}

bool is_clients(const turn_draft& d, const tool_call& call) {
  return !call.truncated && d.now.desk.frame->client_tools.contains(call.name);
}

/// The client answers them in a request of its own, so their ids must differ from all others that
/// it ever sends.
void hand_to_client(turn_draft& d, std::vector<tool_call>& calls) {
  auto& out = d.now.desk.client_calls;
  const auto prefix =
    "call_" + d.now.spec->answer.value.substr(d.now.spec->answer.value.find('-') + 1);
  for (const auto& call : calls) {
    if (!is_clients(d, call) || out.size() >= d.rules.calls_max)
      continue;
    out.push_back(call);
    out.back().call_id = prefix + '_' + std::to_string(out.size());
  }
  std::erase_if(calls, [&d](const tool_call& call) { return is_clients(d, call); });
}

void end_for_client(turn_draft& d) {
  d.now.desk.server_rounds = d.now.behind;
  complete(d);
}

void go_on_after_tools(turn_draft& d) {
  if (d.now.phase == turn_phase::tools)
    return start_tools(d);
  if (!d.now.desk.client_calls.empty())
    return end_for_client(d);
  for (auto& note : std::exchange(d.now.desk.notes, {}))
    say(d, std::move(note));
  go_on(d);
}

/// A summary that cannot be made needs no model to say so.
void refuse_bad_summary(turn_draft& d, call_index index) {
  auto wish = read_summary_wish(d.now.calls[index.value].call.arguments);
  auto* refused = std::get_if<tool_result>(&wish);
  if (refused == nullptr)
    return;
  show_start(d, index);
  d.note(turn_fact::activity_ended{end_of(activity_id(d.now, index), *refused, 0)});
  note_result(d, index, *refused, d.rules.size_of(role::tool, refused->content), {}, false);
}

/// In call order, before any tool starts: what becomes active is there for all that follows.
void answer_own_calls(turn_draft& d) {
  const auto round = d.now.round;
  for (auto i = call_index{}; d.now.round == round && i.value < d.now.calls.size(); ++i.value) {
    const auto& c = d.now.calls[i.value];
    if (!c.answer && c.call.name == use_skill_name)
      answer_skill_call(d, i);
    else if (!c.answer && c.call.name == text_summarize_name)
      refuse_bad_summary(d, i);
  }
}

}  // namespace

bool calls_client(const turn_draft& d, const model_reply& reply) {
  return std::ranges::any_of(reply.calls,
                             [&d](const tool_call& call) { return is_clients(d, call); });
}

void begin_tools(turn_draft& d, const model_reply& reply) {
  auto calls = with_own_ids(reply.calls);
  hand_to_client(d, calls);
  if (calls.empty())
    return end_for_client(d);
  const auto tokens =
    argument_tokens(calls, d.rules.count) + bounded_tokens(reply.thinking.blocks, d.rules.count);
  d.now.desk.tools_dispatched += static_cast<std::uint32_t>(calls.size());
  const auto round = d.now.round;
  d.note(turn_fact::replied{reply.text, d.rules.size_of(role::assistant, reply.text), calls, tokens,
                            reply.thinking});
  d.note(fact::tool_calling{round, std::move(calls)});
  refuse_what_cannot_start(d);
  answer_own_calls(d);
  go_on_after_tools(d);
}

void start_tools(turn_draft& d) {
  const auto alone = [&d](const auto& c) { return is_exclusive(d, c); };
  while (const auto next = next_to_start(d.now.calls, d.rules.parallel_tools_max, alone))
    send_call(d, *next);
}

void on_tool_reply(turn_draft& d, const tool_replied& in) {
  if (in.index.value >= d.now.calls.size() || d.now.calls[in.index.value].answer)
    return;
  const auto& c = d.now.calls[in.index.value];
  const auto& metadata = in.result.metadata;
  if (const auto flag = metadata.find("sandbox_session_recreated"); flag != metadata.end())
    d.now.desk.sandbox_recreated = d.now.desk.sandbox_recreated || flag->second == "True";
  d.note(
    turn_fact::activity_ended{end_of(activity_id(d.now, in.index), in.result, duration_of(d, c))});
  note_result(d, in.index, in.result, in.size, in.shortened, in.is_shortened);
  go_on_after_tools(d);
}

void finish_summary(turn_draft& d, tool_result result) {
  const auto index = *std::exchange(d.now.desk.summarising, std::nullopt);
  const auto& c = d.now.calls[index.value];
  d.note(turn_fact::activity_ended{end_of(activity_id(d.now, index), result, duration_of(d, c))});
  note_result(d, index, result, d.rules.size_of(role::tool, result.content), {}, false);
  go_on_after_tools(d);
}

void give_up_calls(turn_draft& d) {
  const auto round = d.now.round;
  for (auto i = call_index{}; d.now.round == round && i.value < d.now.calls.size(); ++i.value) {
    const auto& c = d.now.calls[i.value];
    if (c.answer)
      continue;
    const auto& text = c.started ? d.rules.texts->outcome_unknown : d.rules.texts->not_carried_out;
    const auto result = error_result(with_values(text, {{"tool", c.call.name}}));
    if (c.shown)
      d.note(turn_fact::activity_ended{failed_end_of(activity_id(d.now, i), activity_status::error,
                                                     "Interrupted", result.content,
                                                     c.sent ? duration_of(d, c) : 0)});
    note_result(d, i, result, d.rules.size_of(role::tool, result.content), {}, false);
  }
}

}  // namespace persona_runtime::turning
